#define _GNU_SOURCE
#include "CGlibc.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static locale_t utf8;

static void make_locale(void) { utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

int cg_wcwidth(uint32_t scalar) {
    pthread_once(&once, make_locale);
    if (!utf8) return wcwidth((wchar_t)scalar);
    // uselocale is the thread's own, so tests in parallel and a process in the C locale measure alike.
    locale_t before = uselocale(utf8);
    int columns = wcwidth((wchar_t)scalar);
    uselocale(before);
    return columns;
}

int cg_use_utf8(void) { return setlocale(LC_CTYPE, "C.UTF-8") || setlocale(LC_CTYPE, "") ? 0 : -1; }

void cg_share_heap(void) { mallopt(M_ARENA_MAX, 1); }

int cg_set_undumpable(void) {
    struct rlimit none = {0, 0};
    int limited = setrlimit(RLIMIT_CORE, &none);
    int hidden = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return limited == 0 && hidden == 0 ? 0 : -1;
}

static void open_log(void) { openlog("convonet-admin", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV); }

void cg_syslog_authpriv(const char *line) {
    static pthread_once_t opened = PTHREAD_ONCE_INIT;
    pthread_once(&opened, open_log);
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "%s", line);
}

int cg_signalfd(const sigset_t *mask) { return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK); }

int cg_read_signal(int fd) {
    struct signalfd_siginfo info;
    ssize_t n;
    do n = read(fd, &info, sizeof info);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int cg_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cg_event_post(int fd) {
    int before = errno;
    eventfd_write(fd, 1);
    errno = before;
}

void cg_event_clear(int fd) {
    eventfd_t ignored;
    eventfd_read(fd, &ignored);
}

int cg_spawn_closing_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

int cg_spawn_at_root(posix_spawn_file_actions_t *actions) {
    return posix_spawn_file_actions_addchdir_np(actions, "/");
}

int cg_is_on_disk(int fd) {
    struct statfs found;
    if (fstatfs(fd, &found) != 0) return -1;
    switch ((unsigned long)found.f_type) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case FUSE_SUPER_MAGIC:
    case DEBUGFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC: return 0;
    default: return 1;
    }
}

int cg_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int cg_rename_noreplace(const char *from, const char *to) {
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int cg_contains(const void *bytes, size_t count, const void *part, size_t length) {
    return memmem(bytes, count, part, length) != NULL;
}

const char *cg_program_directories(void) { return "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin"; }

static int is_program(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

int cg_find_program(const char *name, char *path, size_t size) {
    if (strchr(name, '/')) {
        int length = snprintf(path, size, "%s", name);
        return name[0] == '/' && length > 0 && (size_t)length < size && is_program(path) ? 0 : -1;
    }
    if (!*name) return -1;
    for (const char *start = cg_program_directories(); *start;) {
        int length = (int)strcspn(start, ":");
        int written = snprintf(path, size, "%.*s/%s", length, start, name);
        if (written > 0 && (size_t)written < size && is_program(path)) return 0;
        start += length + (start[length] == ':');
    }
    return -1;
}

int cg_library_of(const char *function, char *path, size_t size) {
    Dl_info found;
    void *address = dlsym(RTLD_DEFAULT, function);
    if (!address || !dladdr(address, &found) || !found.dli_fname) return -1;
    char *file = realpath(found.dli_fname, NULL);
    int length = snprintf(path, size, "%s", file ? file : found.dli_fname);
    free(file);
    return length > 0 && (size_t)length < size ? 0 : -1;
}

int cg_pipe2(int fds[2], int flags) { return pipe2(fds, flags); }

int cg_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask) {
    return ppoll(fds, count, timeout, mask);
}

ssize_t cg_getrandom(void *buffer, size_t length, unsigned int flags) { return getrandom(buffer, length, flags); }

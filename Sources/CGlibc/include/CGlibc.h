// What `import Glibc` lacks: functions that hide behind _GNU_SOURCE, and prctl.
#ifndef CGLIBC_H
#define CGLIBC_H

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/// Columns of a Unicode scalar by the C library's table for UTF-8, whatever the process's locale is; -1 if it has none.
int cg_wcwidth(uint32_t scalar);

/// Makes LC_CTYPE UTF-8, with the same tables as cg_wcwidth. Call it before any thread starts. 0, or -1 if there is none.
int cg_use_utf8(void);

/// No core files and no ptrace by others of the same user: PR_SET_DUMPABLE 0 and RLIMIT_CORE 0. 0, or -1 with errno.
int cg_set_undumpable(void);

/// A close-on-exec, non-blocking descriptor from which the signals in mask are read. -1 with errno.
int cg_signalfd(const sigset_t *mask);

/// Reads the next signal's number from a cg_signalfd; 0 when none waits.
int cg_read_signal(int fd);

/// From now on SIGINT, SIGTERM and SIGHUP do not end the process but make the event counter that is returned readable,
/// whichever thread they reach. One at a time. -1 with errno.
int cg_divert_signals(void);

/// The signal that came last since cg_divert_signals; 0 for none.
int cg_diverted_signal(void);

/// Ends what cg_divert_signals began, and closes its event counter.
void cg_restore_signals(int fd);

/// Sends one line to the system's log: authpriv, notice, under the name convonet-admin. What cannot be sent is lost.
void cg_syslog_authpriv(const char *line);

/// Whatever this process does from now on, it starts no other program, and gains no rights: execve fails with EPERM. 0, or -1
/// with errno; ENOSYS on processors that it was not written for.
int cg_forbid_programs(void);

/// Unsets every variable of the environment but those of a list that NULL ends. 0, or -1 where memory ran out.
int cg_keep_variables(const char *const *names);

/// From now on all threads allocate from one heap: each of their own takes time to make, and memory that is never given back. Call
/// it before any thread starts.
void cg_share_heap(void);

/// Opens /dev/null on those of descriptors 0, 1 and 2 that are closed, so that no socket gets their numbers; using them
/// still fails.
void cg_occupy_standard_descriptors(void);

/// A close-on-exec, non-blocking event counter. -1 with errno.
int cg_eventfd(void);

/// Adds one to an event counter. Callable from every thread; a counter that is full already wakes.
void cg_event_post(int fd);

/// Sets an event counter back to nothing.
void cg_event_clear(int fd);

/// Lets the child have none of the descriptors from `from` up, whatever other threads open meanwhile. 0, or an errno.
int cg_spawn_closing_from(posix_spawn_file_actions_t *actions, int from);

/// Has the program begin in the directory /, and not in that of whoever started this one. Has the restrictions of adddup2.
int cg_spawn_at_root(posix_spawn_file_actions_t *actions);

/// Whether an open file is one that the kernel keeps as it was written: 0 in /proc, /sys and what FUSE shows, -1 with errno.
int cg_is_on_disk(int fd);

/// A close-on-exec file in memory alone (memfd_create(2)), open for reading and writing. -1 with errno.
int cg_memory_file(const char *name);

/// Gives a file another name, unless that name is taken (EEXIST). -1 with errno; EINVAL where the file system cannot.
int cg_rename_noreplace(const char *from, const char *to);

/// Whether bytes occur among others: memmem(3).
int cg_contains(const void *bytes, size_t count, const void *part, size_t length);

/// Where programs are looked for by name, as PATH spells it: the system's own directories, whatever PATH says.
const char *cg_program_directories(void);

/// The path of a program that may be run: of a name the first in those directories, of an absolute path itself; a
/// relative path is none. 0, or -1 where there is none.
int cg_find_program(const char *name, char *path, size_t size);

/// The file of the library that a function of this name comes from, without symbolic links. 0, or -1 where none is loaded.
int cg_library_of(const char *function, char *path, size_t size);

int cg_pipe2(int fds[2], int flags);
int cg_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask);
ssize_t cg_getrandom(void *buffer, size_t length, unsigned int flags);

#endif

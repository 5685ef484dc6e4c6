// What a process can give up for good.
#define _GNU_SOURCE
#include "CGlibc.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
// The numbers of the x32 calls, which this program never makes, lie above all others.
#define FIRST_FOREIGN 0x40000000
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define FIRST_FOREIGN 0xffffffff
#endif

int cg_forbid_programs(void) {
#ifdef NATIVE
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_FOREIGN, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execve, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execveat, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    };
    struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
    // Whoever may gain rights by a program may not filter its calls.
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0 ? 0 : -1;
#else
    errno = ENOSYS;
    return -1;
#endif
}

int cg_keep_variables(const char *const *names) {
    char *values[32] = {0};
    size_t count = 0;
    int result = 0;
    while (names[count]) count++;
    if (count > sizeof values / sizeof *values) return -1;
    for (size_t i = 0; i < count; i++) {
        const char *value = getenv(names[i]);
        if (value && !(values[i] = strdup(value))) result = -1;
    }
    clearenv();
    for (size_t i = 0; i < count; i++) {
        if (values[i] && setenv(names[i], values[i], 1) != 0) result = -1;
        free(values[i]);
    }
    return result;
}

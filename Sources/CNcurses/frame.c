#define _GNU_SOURCE
#include "internal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// curses writes whenever it has moved the cursor (mvcur flushes). Sent like that, a screen would arrive in a hundred
// packets, and whoever reads it would be woken by each and show it half done. So what curses writes to is a descriptor that
// stands for memory while it draws, and for the terminal otherwise.
static int output = -1;
static int memory = -1;

FILE *cn_open_output(void) {
    output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (output < 0) return NULL;
    FILE *file = fdopen(output, "w");
    if (!file) {
        close(output);
        return NULL;
    }
    // Where there is none, each piece goes out as it comes.
    memory = memfd_create("frame", MFD_CLOEXEC);
    return file;
}

void cn_close_output(FILE *file) {
    if (memory >= 0) close(memory);
    // What is still in the stream's buffer must go nowhere: a terminal that takes nothing would keep this here.
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        dup3(nowhere, output, O_CLOEXEC);
        close(nowhere);
    }
    fclose(file);
    memory = output = -1;
}

void cn_begin_frame(void) {
    if (memory >= 0) dup3(memory, output, O_CLOEXEC);
}

void cn_end_frame(void) {
    if (memory < 0) return;
    dup3(STDOUT_FILENO, output, O_CLOEXEC);
    // More than nearly all screens take, so that a paint is one write; not on the heap, where there may be none left.
    static char bytes[65536];
    off_t length = lseek(memory, 0, SEEK_CUR);
    ssize_t count;
    for (off_t sent = 0; sent < length && (count = pread(memory, bytes, sizeof bytes, sent)) > 0; sent += count) {
        cn_write(bytes, (int)count);
        // What it shows may be a secret.
        explicit_bzero(bytes, (size_t)count);
    }
    lseek(memory, 0, SEEK_SET);
    int ignored = ftruncate(memory, 0);
    (void)ignored;
}

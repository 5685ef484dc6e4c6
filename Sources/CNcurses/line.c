#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// What goes to the terminal waits here until it takes it: whoever wrote to one that takes nothing would be kept there, and
// hear neither of signals nor of the time.

// Opened anew, since others use the same open file as we, and must not find it non-blocking.
static int line = -1;
static char *queue;
static size_t first, length, room;

void cn_open_line(void) {
    char name[256];
    if (ttyname_r(STDOUT_FILENO, name, sizeof name) == 0)
        line = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void forget(void) {
    // What it shows may be a secret.
    if (queue) explicit_bzero(queue, room);
    first = length = 0;
}

void cn_close_line(void) {
    forget();
    free(queue);
    queue = NULL;
    room = 0;
    if (line >= 0) close(line);
    line = -1;
}

/// Bytes that were taken; -1 with errno.
static ssize_t put(const char *bytes, size_t count) {
    if (line >= 0) return write(line, bytes, count);
    // Somebody else's terminal, such as after su: it has room for one byte where it says that it has any.
    struct pollfd ready = {STDOUT_FILENO, POLLOUT, 0};
    if (poll(&ready, 1, 0) > 0) return write(STDOUT_FILENO, bytes, 1);
    errno = EAGAIN;
    return -1;
}

int cn_flush(void) {
    while (length > 0) {
        ssize_t n = put(queue + first, length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) {
            forget();
            break;
        }
        explicit_bzero(queue + first, (size_t)n);
        first += (size_t)n;
        length -= (size_t)n;
    }
    if (length == 0) first = 0;
    return (int)length;
}

void cn_write(const char *bytes, int count) {
    if (count <= 0) return;
    if (first + length + (size_t)count > room) {
        size_t wanted = length + (size_t)count + 16384;
        char *larger = malloc(wanted);
        if (!larger) return;
        if (length) memcpy(larger, queue + first, length);
        if (queue) explicit_bzero(queue, room);
        free(queue);
        queue = larger;
        room = wanted;
        first = 0;
    }
    memcpy(queue + first + length, bytes, (size_t)count);
    length += (size_t)count;
    cn_flush();
}

int cn_line(void) { return line >= 0 ? line : STDOUT_FILENO; }

static long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void cn_drain(int milliseconds) {
    long end = now() + milliseconds, left;
    while (cn_flush() > 0 && (left = end - now()) > 0) {
        struct pollfd ready = {cn_line(), POLLOUT, 0};
        poll(&ready, 1, (int)left);
    }
}

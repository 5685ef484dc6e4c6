#define _GNU_SOURCE
#include "internal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct termios saved;
static char sequence[512];
static size_t length;
static volatile sig_atomic_t armed;

/// Adds a capability without its padding ("$<2>"), which only curses can turn into a pause.
static void append(const char *text) {
    for (; text && *text && length < sizeof sequence; text++) {
        if (text[0] == '$' && text[1] == '<') {
            const char *end = strchr(text, '>');
            if (end) {
                text = end;
                continue;
            }
        }
        sequence[length++] = *text;
    }
}

void cn_remember_reset(const struct termios *found, const char *title) {
    // A crash meanwhile finds all of it or nothing.
    armed = 0;
    saved = *found;
    length = 0;
    append("\033[?2004l\033[?1006l\033[?1000l");
    append(cn_capability("sgr0"));
    append(cn_capability("op"));
    append(cn_capability("rmkx"));
    append(cn_capability("cnorm"));
    append(cn_capability("rmcup"));
    append(title);
    append("\r\n");
    armed = 1;
}

void cn_forget_reset(void) { armed = 0; }

static void restore(int number) {
    if (armed) {
        armed = 0;
        ssize_t ignored = write(STDOUT_FILENO, sequence, length);
        (void)ignored;
        tcsetattr(STDIN_FILENO, TCSANOW, &saved);
    }
    // SA_RESETHAND has put the default back; the signal is blocked until this returns, and kills then.
    raise(number);
}

void cn_restore_on_crash(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGTRAP};
    // The main thread may crash because its stack is used up.
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    if (stack.ss_sp) sigaltstack(&stack, NULL);
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = restore;
    action.sa_flags = (int)(SA_RESETHAND | SA_ONSTACK);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

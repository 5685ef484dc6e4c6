#define _GNU_SOURCE
#include "CGlibc.h"

#include <fcntl.h>
#include <unistd.h>

static const int diverted[] = {SIGINT, SIGTERM, SIGHUP};
static struct sigaction before[sizeof diverted / sizeof diverted[0]];
static volatile sig_atomic_t counter = -1;
static volatile sig_atomic_t last = 0;

static void post(int signal) {
    last = signal;
    cg_event_post(counter);
}

int cg_divert_signals(void) {
    int fd = cg_eventfd();
    if (fd < 0) return -1;
    counter = fd;
    last = 0;
    struct sigaction action = {.sa_handler = post, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof diverted / sizeof diverted[0]; i++) {
        sigaction(diverted[i], &action, &before[i]);
        // What somebody ignores, as nohup does, stays ignored.
        if (before[i].sa_handler == SIG_IGN) sigaction(diverted[i], &before[i], NULL);
    }
    return fd;
}

int cg_diverted_signal(void) { return last; }

void cg_restore_signals(int fd) {
    for (size_t i = 0; i < sizeof diverted / sizeof diverted[0]; i++) sigaction(diverted[i], &before[i], NULL);
    counter = -1;
    close(fd);
}

void cg_occupy_standard_descriptors(void) {
    // The wrong way round, so that reading and writing fail as they would on a closed descriptor.
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0) open("/dev/null", modes[fd]);
}

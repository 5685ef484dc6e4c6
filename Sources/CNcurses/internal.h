#ifndef CNCURSES_INTERNAL_H
#define CNCURSES_INTERNAL_H

#include "CNcurses.h"
#include <termios.h>

/// Keeps what a crash handler needs: it may not ask curses.
void cn_remember_reset(const struct termios *found);
void cn_forget_reset(void);

#endif

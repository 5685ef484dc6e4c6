#ifndef CNCURSES_INTERNAL_H
#define CNCURSES_INTERNAL_H

#include "CNcurses.h"
#include <stdio.h>
#include <termios.h>

/// What curses is to write to instead of standard output; NULL where the system refuses it.
FILE *cn_open_output(void);
void cn_close_output(FILE *file);

/// Between these two all that curses writes is kept, and then written at once.
void cn_begin_frame(void);
void cn_end_frame(void);

/// The terminal, to be written to without waiting for it.
void cn_open_line(void);
void cn_close_line(void);

/// Keeps what a crash handler needs: it may not ask curses. `title` gives back the window's title.
void cn_remember_reset(const struct termios *found, const char *title);
/// The same where only lines are written.
void cn_remember_line(const struct termios *found, bool marks_pastes);
void cn_forget_reset(void);

#endif

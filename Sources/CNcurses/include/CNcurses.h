// ncursesw as Swift can call it: no macros, no globals, no variadics, and plain values in and out.
#ifndef CNCURSES_H
#define CNCURSES_H

#include <stdbool.h>
#include <stdint.h>

/// A base and up to four marks, ended by 0: what a curses cell holds (CCHARW_MAX).
#define CN_SCALARS 6

/// What one cell shows: cn_style's number says how. No scalars: the right half of a wide character.
typedef struct {
    uint32_t scalars[CN_SCALARS];
    uint8_t style;
} cn_cell;

enum { CN_OK = 0, CN_NOT_A_TERMINAL = 1, CN_UNKNOWN_TYPE = 2, CN_NO_CURSOR_MOVES = 3, CN_FAILED = 4 };

enum { CN_BOLD = 1, CN_DIM = 2, CN_UNDERLINE = 4, CN_REVERSE = 8 };

/// Whether standard input and output are a terminal of a type that a screen can be shown on; one of the codes above.
int cn_probe(const char *type);

/// Takes standard input and output over as a screen. `type` NULL: what TERM says. Returns one of the codes above; on any
/// but CN_OK the terminal was not touched.
int cn_start(const char *type, bool colours, bool pointer);

/// Gives the screen back, and the line settings as they were before cn_start.
void cn_stop(void);

/// Gives the screen back for a while, and takes it again to draw everything anew.
void cn_leave(void);
void cn_resume(void);

/// How many colours there are: 0 where there are none or none are wanted.
int cn_colours(void);

/// Says how style number `style` looks: attributes by the CN_ bits; colours by number, -1 for the terminal's own.
void cn_define_style(uint8_t style, unsigned attributes, int foreground, int background);

/// Puts `count` cells at the left edge of a row.
void cn_draw_row(int row, const cn_cell *cells, int count);

/// Sends what changed, and puts the cursor there; a negative row hides it.
void cn_show(int cursor_row, int cursor_column);

/// Draws everything again with the next cn_show.
void cn_invalidate(void);

/// The size that the kernel knows; false where it knows none.
bool cn_window_size(int *rows, int *columns);

/// The size that curses draws for.
void cn_screen_size(int *rows, int *columns);
void cn_resize(int rows, int columns);

/// A string of the terminal's description, such as "kcuu1"; NULL where it has none.
const char *cn_capability(const char *name);

/// Whether the terminal's description has a flag, such as "XT".
bool cn_flag(const char *name);

/// Has the terminal keep its window's title: `save` is sent now and whenever the screen is taken again, `restore` whenever it
/// is given back, also by a crash.
void cn_keep_title(const char *save, const char *restore);

/// Writes bytes past curses; what the terminal does not take at once waits. Call it only after cn_show, when curses holds
/// nothing back.
void cn_write(const char *bytes, int count);

/// Sends what waits, as far as the terminal takes it now; the bytes that still wait.
int cn_flush(void);

/// The descriptor that is writable when the terminal takes more.
int cn_line(void);

/// Sends what waits, for no longer than that.
void cn_drain(int milliseconds);

/// From now on a crash gives the terminal back before the process dies of it.
void cn_restore_on_crash(void);

#endif

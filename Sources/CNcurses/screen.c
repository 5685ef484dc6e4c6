#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1
#include "internal.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#define STYLES 64

static SCREEN *screen;
static FILE *output;
static bool coloured;
static struct termios found;

static struct {
    char save[64], restore[64];
    bool kept;
} title;

static struct {
    attr_t attributes;
    short pair;
} styles[STYLES];

static bool takes_pointer;

/// What the terminal is to mark or to tell beside keys: pastes, and perhaps its mouse.
static void reports(bool on) {
    cn_write(on ? "\033[?2004h" : "\033[?2004l", 8);
    if (takes_pointer) cn_write(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l", 16);
}

static void keep_title(bool keep) {
    if (keep == title.kept) return;
    title.kept = keep;
    const char *sequence = keep ? title.save : title.restore;
    cn_write(sequence, (int)strlen(sequence));
}

int cn_probe(const char *type) {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &found) != 0)
        return CN_NOT_A_TERMINAL;
    // newterm would accept a type that cannot move the cursor, and draw rubbish: ask first.
    int problem = 0;
    if (setupterm(type, STDOUT_FILENO, &problem) != OK) return CN_UNKNOWN_TYPE;
    const char *cup = cn_capability("cup");
    TERMINAL *probed = cur_term;
    int code = cup && *cup ? CN_OK : CN_NO_CURSOR_MOVES;
    set_curterm(NULL);
    del_curterm(probed);
    return code;
}

int cn_start(const char *type, bool colours, bool pointer) {
    int code = cn_probe(type);
    if (code != CN_OK) return code;
    output = cn_open_output();
    if (!output) return CN_FAILED;
    cn_open_line();
    screen = newterm(type, output, stdin);
    if (!screen) {
        cn_close_output(output);
        cn_close_line();
        return CN_FAILED;
    }
    raw();
    noecho();
    nonl();
    // Sends what the calls before have left to be sent.
    cn_begin_frame();
    keypad(stdscr, TRUE);
    cn_end_frame();
    idlok(stdscr, TRUE);
    // Typed keys must not hold a paint back: they wait in the kernel, and half a screen is worse than a late one.
    typeahead(-1);
    coloured = colours && has_colors();
    if (coloured) {
        start_color();
        use_default_colors();
    }
    title.kept = false;
    takes_pointer = pointer;
    cn_remember_reset(&found, "");
    reports(true);
    return CN_OK;
}

void cn_stop(void) {
    if (!screen) return;
    cn_forget_reset();
    cn_leave();
    cn_drain(700);
    delscreen(screen);
    screen = NULL;
    cn_close_output(output);
    cn_close_line();
}

void cn_leave(void) {
    cn_begin_frame();
    curs_set(1);
    endwin();
    cn_end_frame();
    reports(false);
    keep_title(false);
    // Not TCSADRAIN: a terminal that takes nothing would keep this here.
    tcsetattr(STDIN_FILENO, TCSANOW, &found);
}

void cn_resume(void) {
    reset_prog_mode();
    clearok(curscr, TRUE);
    touchwin(stdscr);
    cn_begin_frame();
    wrefresh(stdscr);
    cn_end_frame();
    reports(true);
    keep_title(true);
}

int cn_colours(void) { return coloured ? COLORS : 0; }

/// A colour of the 256 as this terminal counts them: where it takes red, green and blue, those are the number, and only the
/// first eight are a palette's.
static int direct(int colour) {
    if (COLORS <= 256 || colour < 8) return colour;
    static const int bright[] = {0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    if (colour < 16) return bright[colour - 8];
    if (colour >= 232) return (8 + 10 * (colour - 232)) * 0x10101;
    int rest = colour - 16, level[] = {0, 95, 135, 175, 215, 255};
    return level[rest / 36] << 16 | level[rest / 6 % 6] << 8 | level[rest % 6];
}

void cn_define_style(uint8_t style, unsigned attributes, int foreground, int background) {
    if (style >= STYLES) return;
    attr_t a = A_NORMAL;
    if (attributes & CN_BOLD) a |= A_BOLD;
    if (attributes & CN_DIM) a |= A_DIM;
    if (attributes & CN_UNDERLINE) a |= A_UNDERLINE;
    if (attributes & CN_REVERSE) a |= A_REVERSE;
    styles[style].attributes = a;
    styles[style].pair = 0;
    if (coloured && (foreground >= 0 || background >= 0) && style + 1 < COLOR_PAIRS
        && init_extended_pair(style + 1, direct(foreground), direct(background)) == OK)
        styles[style].pair = (short)(style + 1);
}

void cn_draw_row(int row, const cn_cell *cells, int count) {
    if (count <= 0 || row < 0 || row >= LINES) return;
    cchar_t *line = calloc((size_t)count, sizeof *line);
    if (!line) return;
    int used = 0;
    for (int i = 0; i < count; i++) {
        if (!cells[i].scalars[0]) continue;
        wchar_t text[CN_SCALARS] = {0};
        for (int j = 0; j < CN_SCALARS - 1 && cells[i].scalars[j]; j++) text[j] = (wchar_t)cells[i].scalars[j];
        uint8_t style = cells[i].style < STYLES ? cells[i].style : 0;
        if (setcchar(&line[used], text, styles[style].attributes, styles[style].pair, NULL) != OK)
            setcchar(&line[used], L"?", styles[style].attributes, styles[style].pair, NULL);
        used++;
    }
    mvadd_wchnstr(row, 0, line, used);
    free(line);
}

void cn_show(int cursor_row, int cursor_column) {
    cn_begin_frame();
    if (cursor_row < 0) {
        curs_set(0);
    } else {
        curs_set(1);
        move(cursor_row, cursor_column);
    }
    refresh();
    cn_end_frame();
}

void cn_invalidate(void) { clearok(curscr, TRUE); }

bool cn_window_size(int *rows, int *width) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return false;
    *rows = size.ws_row;
    *width = size.ws_col;
    return true;
}

void cn_screen_size(int *rows, int *width) {
    *rows = LINES;
    *width = COLS;
}

void cn_resize(int rows, int width) { resizeterm(rows, width); }

void cn_keep_title(const char *save, const char *restore) {
    if (strlen(save) >= sizeof title.save || strlen(restore) >= sizeof title.restore) return;
    strcpy(title.save, save);
    strcpy(title.restore, restore);
    cn_remember_reset(&found, title.restore);
    keep_title(true);
}

bool cn_flag(const char *name) { return tigetflag(name) > 0; }

const char *cn_capability(const char *name) {
    const char *value = tigetstr(name);
    return value == (const char *)-1 ? NULL : value;
}

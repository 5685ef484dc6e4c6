// What of libzxcvbn the credential rules use: the entropy of a password and what most of it looks like.
#ifndef CZXCVBN_H
#define CZXCVBN_H

#include <zxcvbn.h>

/// What zxcvbn took the largest part of a password for.
typedef enum {
    CZXCVBN_NOTHING,
    CZXCVBN_WORD,
    CZXCVBN_CONTEXT_WORD,
    CZXCVBN_REPEAT,
    CZXCVBN_SEQUENCE,
    CZXCVBN_KEYBOARD,
    CZXCVBN_DATE
} czxcvbn_pattern;

/// Bits of entropy of a NUL-ended password; words is a NULL-ended array of lower-case words, or NULL.
double czxcvbn_bits(const char *password, const char *const *words, czxcvbn_pattern *pattern);

#endif

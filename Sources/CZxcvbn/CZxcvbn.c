#include "CZxcvbn.h"
#include <stddef.h>

static czxcvbn_pattern pattern_of(int type) {
    switch (type & ~MULTIPLE_MATCH) {
    case DICTIONARY_MATCH:
    case DICT_LEET_MATCH:
        return CZXCVBN_WORD;
    case USER_MATCH:
    case USER_LEET_MATCH:
        return CZXCVBN_CONTEXT_WORD;
    case REPEATS_MATCH:
        return CZXCVBN_REPEAT;
    case SEQUENCE_MATCH:
        return CZXCVBN_SEQUENCE;
    case SPATIAL_MATCH:
        return CZXCVBN_KEYBOARD;
    case DATE_MATCH:
    case YEAR_MATCH:
        return CZXCVBN_DATE;
    default:
        return (type & MULTIPLE_MATCH) != 0 ? CZXCVBN_REPEAT : CZXCVBN_NOTHING;
    }
}

double czxcvbn_bits(const char *password, const char *const *words, czxcvbn_pattern *pattern) {
    ZxcMatch_t *parts = NULL;
    // The library declares the words without the inner const; it only reads them.
    double bits = ZxcvbnMatch(password, (const char **)words, &parts);
    int longest = 0;
    *pattern = CZXCVBN_NOTHING;
    for (const ZxcMatch_t *part = parts; part != NULL; part = part->Next) {
        czxcvbn_pattern seen = pattern_of((int)part->Type);
        if (seen != CZXCVBN_NOTHING && part->Length > longest) {
            longest = part->Length;
            *pattern = seen;
        }
    }
    ZxcvbnFreeInfo(parts);
    return bits;
}

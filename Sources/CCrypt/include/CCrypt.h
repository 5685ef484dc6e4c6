// What of libxcrypt the credential rules use: bcrypt, format $2b$ to write and $2a$, $2b$, $2y$ to check.
#ifndef CCRYPT_H
#define CCRYPT_H

#include <crypt.h>
#include <stddef.h>
#include <sys/mman.h>

/// Bytes of scratch memory that ccrypt_bcrypt needs; it holds traces of the phrase afterwards and is the caller's to wipe.
enum { CCRYPT_SCRATCH_SIZE = sizeof(struct crypt_data) };

/// Bytes, the ending NUL included, that a setting made by ccrypt_bcrypt_setting can take.
enum { CCRYPT_SETTING_SIZE = CRYPT_GENSALT_OUTPUT_SIZE };

/// Writes a new $2b$ setting, its salt from the system's generator; returns 0, or -1 where none could be made.
static inline int ccrypt_bcrypt_setting(unsigned long cost, char *output) {
    return crypt_gensalt_rn("$2b$", cost, NULL, 0, output, CCRYPT_SETTING_SIZE) == NULL ? -1 : 0;
}

/// The hash of a NUL-ended phrase under a setting (or an earlier hash); it lies in scratch. NULL on any error.
static inline const char *ccrypt_bcrypt(const char *phrase, const char *setting, void *scratch) {
    return crypt_rn(phrase, setting, scratch, CCRYPT_SCRATCH_SIZE);
}

#endif

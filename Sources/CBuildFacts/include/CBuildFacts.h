// What a build says of itself. script/release-build links it in, beside what is compiled, so that another commit compiles nothing
// anew; where it was not linked in, each is NULL.
#ifndef CBUILDFACTS_H
#define CBUILDFACTS_H

/// The commit that was built, with "-dirty" behind it if files were changed since.
const char *cbf_commit(void);

/// The compiler's version, such as "6.2.1".
const char *cbf_swift(void);

#endif

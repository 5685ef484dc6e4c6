#include "CBuildFacts.h"

extern const char convonet_build_commit[] __attribute__((weak));
extern const char convonet_build_swift[] __attribute__((weak));

const char *cbf_commit(void) { return convonet_build_commit; }
const char *cbf_swift(void) { return convonet_build_swift; }

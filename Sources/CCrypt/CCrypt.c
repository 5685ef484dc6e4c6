// All of CCrypt is inline; the build needs one source file.
#include "CCrypt.h"

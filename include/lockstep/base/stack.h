/* stack.h - room for what functions hold. */
#ifndef LOCKSTEP_BASE_STACK_H
#define LOCKSTEP_BASE_STACK_H

#include "lockstep/base/status.h"

/* STATUS_IO, with the limit and what to do, when the stack may not grow as far as the program
 * and its libraries need: they would end in the middle of their work, without a word. */
MUST_CHECK status stack_check(void);

#endif

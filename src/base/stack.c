/* stack.c - room for what functions hold. */
#include "lockstep/base/stack.h"

#include <sys/resource.h>

enum { STACK_LEAST = 3072 }; /* KiB: twice what our own products hold (tensor/kernels) */

status stack_check(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= (rlim_t)STACK_LEAST * 1024)
        return STATUS_OK;
    return fail(STATUS_IO, "the stack may only have %llu KiB (ulimit -s); give it %d or more",
                (unsigned long long)(limit.rlim_cur / 1024), STACK_LEAST);
}

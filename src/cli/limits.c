/* limits.c - what a process must be allowed, looked at before its libraries begin.
 *
 * Some of them take what they need before main: with too small a stack they crash, and OpenBLAS
 * 0.3.29 asks for its first buffer again and again. The functions of .preinit_array come first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/stack.h"
#include "lockstep/tensor/gemm_reserve.h"

static void look(void)
{
    if (stack_check() == STATUS_OK && gemm_reserve_first() == STATUS_OK)
        return;
    dprintf(STDERR_FILENO, "lockstep: error: %s\n", error_message());
    _exit(EXIT_FAILURE);
}

#if defined(__SANITIZE_ADDRESS__) || defined(LOCKSTEP_TSAN)
/* A sanitizer begins there itself. */
__attribute__((constructor)) static void look_early(void)
{
    look();
}
#else
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = look;
#endif

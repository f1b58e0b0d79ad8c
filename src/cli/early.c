/* early.c - what is looked at before libraries begin, some of which do much before main.
 *
 * With too small a stack they crash, OpenBLAS 0.3.29 asks for its first buffer again and again,
 * and UCX takes SIGHUP for itself. The functions of .preinit_array come first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/stack.h"
#include "lockstep/base/stop.h"
#include "lockstep/tensor/gemm_reserve.h"

static void look(void)
{
    stop_note();
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

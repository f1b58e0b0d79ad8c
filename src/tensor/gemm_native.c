/* gemm_native.c - products by our own kernels. */
#include "engines.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/processor.h"

static void multiply(const product *p)
{
    kernels_get()->product(p);
}

static bool always(void)
{
    return true;
}

const engine engine_native = {.multiply = multiply, .wants_packed = always};

/* Without fused multiply-adds each of them is made of several operations. */
gemm_merit gemm_native_merit(void)
{
#ifdef KERNELS_X86
    return processor_level_get() < PROCESSOR_AVX2 ? MERIT_SLOWER : MERIT_FAST;
#else
    return MERIT_UNKNOWN;
#endif
}

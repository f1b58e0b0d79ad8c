/* gemm_native.c - products by our own kernels. */
#include "engines.h"

static void multiply(const product *p)
{
    kernels_get()->product(p);
}

const engine engine_native = {.multiply = multiply, .wants_packed = true};

/* gemm_bfloat16.c - products of factors that are rounded to bfloat16. */
#include "engines.h"

static void multiply(const product *p)
{
    kernels_get()->bfloat16_product(p);
}

const engine engine_bfloat16 = {.multiply = multiply};

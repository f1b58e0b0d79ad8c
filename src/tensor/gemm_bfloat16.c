/* gemm_bfloat16.c - products of factors that are rounded to bfloat16, in either order of
 * sums. */
#include "engines.h"

static void multiply_tiles(const product *p)
{
    kernels_get()->tiles_product(p);
}

static void multiply_pairs(const product *p)
{
    kernels_get()->pairs_product(p);
}

const engine engine_tiles = {.multiply = multiply_tiles};
const engine engine_pairs = {.multiply = multiply_pairs};

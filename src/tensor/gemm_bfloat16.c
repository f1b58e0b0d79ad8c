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

static bool has_tiles(void)
{
    return kernels_get()->has_tiles;
}

static bool has_pairs(void)
{
    return kernels_get()->lay_both != NULL;
}

const engine engine_tiles = {multiply_tiles, has_tiles, true};
const engine engine_pairs = {multiply_pairs, has_pairs, true};

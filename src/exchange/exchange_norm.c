/* exchange_norm.c - the length of the whole gradient, the same on any number of ranks. */
#include <math.h>
#include <string.h>

#include "private.h"

/* Lanes let the compiler use vectors without changing the order of additions,
 * which is this one on every machine. */
enum { LANES = 8 };

static double block_sum(const float *block)
{
    double lanes[LANES] = {0}, sum = 0.0;

    for (int i = 0; i < PARAMETER_BLOCK; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += (double)block[i + lane] * block[i + lane];
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane];
    return sum;
}

double exchange_norm(exchange *x)
{
    size_t blocks = x->parameters->floats / PARAMETER_BLOCK;
    double sum = 0.0;

    memset(x->block_sums, 0, blocks * sizeof(*x->block_sums));
    for (int b = 0; b < x->plan.count; b++) {
        slice mine = x->slices[b];

        for (size_t at = 0; at < mine.count; at += PARAMETER_BLOCK)
            x->block_sums[(mine.first + at) / PARAMETER_BLOCK] =
                block_sum(x->gradients + mine.owned + at);
    }
    world_union(x->world, x->block_sums, blocks);
    for (size_t block = 0; block < blocks; block++)
        sum += x->block_sums[block];
    return sqrt(sum);
}

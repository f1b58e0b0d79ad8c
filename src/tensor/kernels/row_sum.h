/* row_sum.h - sums over a row, in one order for every instruction set: places SUMS apart are
 * added one after another, then the SUMS sums by halves.
 */
#ifndef LOCKSTEP_TENSOR_KERNELS_ROW_SUM_H
#define LOCKSTEP_TENSOR_KERNELS_ROW_SUM_H

#include "vector.h"

enum { SUMS = 16, SUM_VECTORS = SUMS / LANES };

static inline float row_sum_halves(float *sums)
{
    for (int half = SUMS / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            sums[i] += sums[i + half];
    return sums[0];
}

/* The sum of x. */
static inline float row_sum(const float *x, int cols)
{
    float sums[SUMS];
    lanes sum[SUM_VECTORS] = {{0}};
    int c = 0;

    for (; c + SUMS <= cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++)
            sum[v] += lanes_load(x + c + v * LANES);
    memcpy(sums, sum, sizeof(sums));
    for (int i = 0; c + i < cols; i++)
        sums[i] += x[c + i];
    return row_sum_halves(sums);
}

/* The sum of x * y. */
static inline float row_dot(const float *x, const float *y, int cols)
{
    float sums[SUMS];
    lanes sum[SUM_VECTORS] = {{0}};
    int c = 0;

    for (; c + SUMS <= cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++)
            sum[v] += lanes_load(x + c + v * LANES) * lanes_load(y + c + v * LANES);
    memcpy(sums, sum, sizeof(sums));
    for (int i = 0; c + i < cols; i++)
        sums[i] += x[c + i] * y[c + i];
    return row_sum_halves(sums);
}

#endif

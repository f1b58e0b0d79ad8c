/* row_sum.h - sums over a row, in one order for every instruction set: places SUMS apart are
 * added one after another, then the SUMS sums by halves.
 *
 * They never leave the registers: what is stored in parts and loaded whole has to wait. Lanes
 * behind a row's end add 0, which leaves a sum as it is, for none of them is -0.
 */
#ifndef LOCKSTEP_TENSOR_KERNELS_ROW_SUM_H
#define LOCKSTEP_TENSOR_KERNELS_ROW_SUM_H

#include "vector.h"

enum { SUMS = 16, SUM_VECTORS = SUMS / LANES };

typedef struct row_sums {
    lanes of[SUM_VECTORS];
} row_sums;

static inline float row_sum_halves(row_sums s)
{
    for (int half = SUM_VECTORS / 2; half > 0; half /= 2)
        for (int v = 0; v < half; v++)
            s.of[v] += s.of[v + half];
    quad q = lanes_halves(s.of[0]);
    return (q[0] + q[2]) + (q[1] + q[3]);
}

/* How many of `left` columns vector v of the next SUMS has. */
static inline int row_sum_lanes(int left, int v)
{
    int count = left - v * LANES;

    return count < 0 ? 0 : (count < LANES ? count : LANES);
}

/* The sum of x. */
static inline float row_sum(const float *x, int cols)
{
    row_sums sum = {{{0}}};

    for (int c = 0; c < cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++)
            sum.of[v] += lanes_load_some(x + c + v * LANES, row_sum_lanes(cols - c, v));
    return row_sum_halves(sum);
}

/* The sum of x * y. */
static inline float row_dot(const float *x, const float *y, int cols)
{
    row_sums sum = {{{0}}};

    for (int c = 0; c < cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++) {
            int count = row_sum_lanes(cols - c, v);
            sum.of[v] += lanes_load_some(x + c + v * LANES, count) *
                         lanes_load_some(y + c + v * LANES, count);
        }
    return row_sum_halves(sum);
}

#endif

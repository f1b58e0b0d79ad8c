/* exponential.h - exp of a vector, and of a row with its sum. */
#ifndef LOCKSTEP_TENSOR_KERNELS_EXPONENTIAL_H
#define LOCKSTEP_TENSOR_KERNELS_EXPONENTIAL_H

#include "row_sum.h"

/* exp(x) for x <= 88 to 2 units in the last place, and at least exp(-87): x = n ln 2 + r, a
 * polynomial of degree 6 in r (minimax on [-ln2/2, ln2/2]; Cephes' expf), 2^n by the
 * exponent's bits. NaN stays NaN. */
static inline __attribute__((always_inline)) lanes exp_lanes(lanes x)
{
    const float whole = 12582912.0f; /* a sum with it is rounded to a whole number */
    lanes at_least = lanes_at_least(x, -87.0f);
    lanes shifted = at_least * 1.44269504088896341f + whole, n = shifted - whole;
    lanes r = n * -0.693359375f + at_least;
    r = n * 2.12194440e-4f + r;
    lanes p = 1.9875691500e-4f * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + (r + 1.0f);
    return p * (lanes)(((lane_bits)shifted + 127) << 23); /* for NaN any bits are as good */
}

/* x becomes exp(x - largest), whose sum is returned. */
static inline float row_exponentials(float *x, size_t cols, float largest)
{
    row_sums sum = {{{0}}};

    for (size_t c = 0; c < cols; c += SUMS)
        for (int v = 0; v < SUM_VECTORS; v++) {
            float *at = x + c + v * LANES;
            int count = row_sum_lanes(cols - c < SUMS ? (int)(cols - c) : SUMS, v);
            lanes e = exp_lanes(lanes_load_some(at, count) - largest);
            lanes_store_some(at, e, count);
            sum.of[v] += lanes_some(e, count);
        }
    return row_sum_halves(sum);
}

#endif

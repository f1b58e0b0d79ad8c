/* activation.c - bias, relu or gelu, and dropout of the feed-forward's hidden layer. */
#include <float.h>
#include <string.h>

#include "bfloat16.h"
#include "exponential.h"
#include "kernel.h"

void KERNEL(bias_relu)(matrix x, const float *restrict bias, const dropout *d)
{
    for (int r = 0; r < x.rows; r++) {
        float *restrict row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c++) {
            float z = row[c] + bias[c];
            row[c] = z < FLT_MIN ? 0.0f : z; /* NaN stays NaN */
        }
    }
    if (d != NULL)
        KERNEL(dropout_apply)(x, d);
}

static void relu_row(float *restrict g, const float *restrict v, float scale,
                     float *restrict sum, int cols)
{
    for (int c = 0; c < cols; c++) {
        g[c] = v[c] > 0.0f ? g[c] * scale : 0.0f;
        sum[c] += g[c];
    }
}

enum { HALF_INFINITY = 0x7f80 }; /* in bfloat16, whose numbers compare as integers */

static void relu_row_rounded(float *restrict g, const float *restrict pairs, float scale,
                             float *restrict sum, int cols)
{
    int16_t v[KERNEL_CHUNK];

    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = cols - c < KERNEL_CHUNK ? cols - c : KERNEL_CHUNK;
        memcpy(v, pairs + c / 2, (size_t)n * sizeof(*v));
        for (int i = 0; i < n; i++) {
            g[c + i] = v[i] > 0 && v[i] <= HALF_INFINITY ? g[c + i] * scale : 0.0f;
            sum[c + i] += g[c + i];
        }
    }
}

void KERNEL(relu_backward)(matrix dy, factor y, float scale, float *restrict sum)
{
    for (int r = 0; r < dy.rows; r++)
        (y.rounded ? relu_row_rounded : relu_row)(matrix_row(dy, r), matrix_row(y.floats, r),
                                                  scale, sum, dy.cols);
}

/* The error function to 1.5e-7 (Abramowitz & Stegun 7.1.26), with e = exp(-x*x). */
static inline __attribute__((always_inline)) lanes erf_lanes(lanes x, lanes e)
{
    const uint32_t sign = 0x80000000u;
    lanes a = (lanes)((lane_bits)x & ~sign);
    lanes t = 1.0f / (0.3275911f * a + 1.0f);
    lanes p = 1.061405429f * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    lanes y = 1.0f - p * t * e;
    return (lanes)((lane_bits)y ^ ((lane_bits)x & sign));
}

/* A normal variable's probability to be at most z, and exp(-z*z/2), of which its density is
 * a multiple. */
static inline __attribute__((always_inline)) lanes normal_lanes(lanes z, lanes *e)
{
    const float sqrt_half = 0.70710678118654752f;

    *e = exp_lanes(-0.5f * z * z);
    return 0.5f * (1.0f + erf_lanes(z * sqrt_half, *e));
}

static void gelu_row(float *z, const float *bias, float *y, int cols)
{
    lanes e;

    for (int c = 0; c < cols; c += LANES) {
        int count = cols - c < LANES ? cols - c : LANES;
        lanes biased = lanes_load_some(z + c, count) + lanes_load_some(bias + c, count);
        lanes_store_some(z + c, biased, count);
        lanes_store_some(y + c, biased * normal_lanes(biased, &e), count);
    }
}

void KERNEL(bias_gelu)(matrix x, const float *bias, matrix y, const dropout *d)
{
    for (int r = 0; r < x.rows; r++)
        gelu_row(matrix_row(x, r), bias, matrix_row(y, r), x.cols);
    if (d != NULL)
        KERNEL(dropout_apply)(y, d);
}

static void gelu_row_backward(float *g, const float *z, float *sum, int cols)
{
    const float density = 0.39894228040143268f; /* 1 / sqrt(2 pi) */
    lanes e;

    for (int c = 0; c < cols; c += LANES) {
        int count = cols - c < LANES ? cols - c : LANES;
        lanes at = lanes_load_some(z + c, count);
        lanes slope = normal_lanes(at, &e) + at * density * e;
        lanes gradient = lanes_load_some(g + c, count) * slope;
        lanes_store_some(g + c, gradient, count);
        lanes_store_some(sum + c, lanes_load_some(sum + c, count) + gradient, count);
    }
}

/* Numbers in bfloat16, and floats that become such numbers. */
static void unround(const float *pairs, float *z, int count)
{
    uint16_t numbers[KERNEL_CHUNK];
    uint32_t bits[KERNEL_CHUNK];

    memcpy(numbers, pairs, (size_t)count * sizeof(*numbers));
    for (int i = 0; i < count; i++)
        bits[i] = (uint32_t)numbers[i] << 16;
    memcpy(z, bits, (size_t)count * sizeof(*z));
}

static void round_floats(const float *from, float *z, int count)
{
    uint32_t bits[KERNEL_CHUNK];

    for (int i = 0; i < count; i++)
        bits[i] = bfloat16_bits(from[i]);
    memcpy(z, bits, (size_t)count * sizeof(*z));
}

static void gelu_row_backward_rounded(float *g, const float *x, bool rounded, float *sum,
                                      int cols)
{
    float z[KERNEL_CHUNK];

    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = cols - c < KERNEL_CHUNK ? cols - c : KERNEL_CHUNK;
        if (rounded)
            unround(x + c / 2, z, n);
        else
            round_floats(x + c, z, n);
        gelu_row_backward(g + c, z, sum + c, n);
    }
}

void KERNEL(gelu_backward)(matrix dy, factor x, bool rounds, const dropout *d, float *sum)
{
    if (d != NULL)
        KERNEL(dropout_apply)(dy, d);
    for (int r = 0; r < dy.rows; r++)
        if (rounds)
            gelu_row_backward_rounded(matrix_row(dy, r), matrix_row(x.floats, r), x.rounded,
                                      sum, dy.cols);
        else
            gelu_row_backward(matrix_row(dy, r), matrix_row(x.floats, r), sum, dy.cols);
}

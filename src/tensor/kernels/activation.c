/* activation.c - bias, relu or gelu, and dropout of the feed-forward's hidden layer. */
#include <float.h>
#include <string.h>

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
static inline float erf_fast(float x, float e)
{
    float a = x < 0.0f ? -x : x;
    float t = 1.0f / (0.3275911f * a + 1.0f);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float y = 1.0f - p * t * e;
    return x < 0.0f ? -y : y;
}

static const float sqrt_half = 0.70710678118654752f;
static const float normal_density = 0.39894228040143268f; /* 1 / sqrt(2 pi) */

void KERNEL(bias_gelu)(matrix x, const float *restrict bias, matrix y, const dropout *d)
{
    for (int r = 0; r < x.rows; r++) {
        float *restrict z = matrix_row(x, r);
        float *restrict out = matrix_row(y, r);
        for (int c = 0; c < x.cols; c++) {
            z[c] += bias[c];
            float e = exp_fast(-0.5f * z[c] * z[c]);
            out[c] = 0.5f * z[c] * (1.0f + erf_fast(z[c] * sqrt_half, e));
        }
    }
    if (d != NULL)
        KERNEL(dropout_apply)(y, d);
}

void KERNEL(gelu_backward)(matrix dy, matrix x, const dropout *d, float *restrict sum)
{
    if (d != NULL)
        KERNEL(dropout_apply)(dy, d);
    for (int r = 0; r < dy.rows; r++) {
        float *restrict g = matrix_row(dy, r);
        const float *restrict z = matrix_row(x, r);
        for (int c = 0; c < dy.cols; c++) {
            float e = exp_fast(-0.5f * z[c] * z[c]);
            float phi = 0.5f * (1.0f + erf_fast(z[c] * sqrt_half, e));
            g[c] *= phi + z[c] * normal_density * e;
            sum[c] += g[c];
        }
    }
}

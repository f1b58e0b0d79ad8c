/* elementwise.c - additions, column sums, embedding rows and places. */
#include <string.h>

#include "kernel.h"

void KERNEL(bias_add)(matrix x, const float *restrict bias)
{
    for (int r = 0; r < x.rows; r++) {
        float *restrict row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c++)
            row[c] += bias[c];
    }
}

void KERNEL(column_sums)(matrix x, float *restrict sum)
{
    memset(sum, 0, (size_t)x.cols * sizeof(float));
    for (int r = 0; r < x.rows; r++) {
        const float *restrict row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c++)
            sum[c] += row[c];
    }
}

void KERNEL(add)(float *restrict x, const float *restrict y, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] += y[i];
}

void KERNEL(add_scaled)(float *restrict x, const float *restrict y, float scale, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = scale * y[i] + x[i];
}

void KERNEL(place_add)(matrix x, const float *restrict bias, const float *positions,
                       const int32_t *places, const dropout *d)
{
    for (int r = 0; r < x.rows; r++) {
        const float *restrict p = positions + (size_t)places[r] * (size_t)x.cols;
        float *restrict row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c++)
            row[c] = row[c] + bias[c] + p[c];
    }
    if (d != NULL)
        KERNEL(dropout_apply)(x, d);
}

void KERNEL(embed)(const float *table, const int32_t *ids, float scale, const float *positions,
                   const int32_t *places, const dropout *d, matrix y)
{
    for (int r = 0; r < y.rows; r++) {
        const float *restrict e = table + (size_t)ids[r] * (size_t)y.cols;
        const float *restrict p = positions + (size_t)places[r] * (size_t)y.cols;
        float *restrict row = matrix_row(y, r);
        for (int c = 0; c < y.cols; c++)
            row[c] = scale * e[c] + p[c];
    }
    if (d != NULL)
        KERNEL(dropout_apply)(y, d);
}

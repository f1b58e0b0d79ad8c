/* softmax.c - attention weights: many short rows. */
#include "kernel.h"

static float row_max(const float *restrict x, int cols)
{
    float largest = x[0];

    for (int c = 1; c < cols; c++)
        largest = x[c] > largest ? x[c] : largest;
    return largest;
}

/* The exponentials are taken over the whole block, since rows are often shorter than a
 * vector. Columns a causal row may not see get -inf first, so that they end as 0. */
void KERNEL(softmax_forward)(matrix x, int causal)
{
    int cols = x.cols;
    size_t count = (size_t)x.rows * (size_t)cols;
    float *restrict all = x.data;

    for (int r = 0; r < x.rows; r++) {
        float *restrict row = all + (size_t)r * (size_t)cols;
        int seen = causal && r + 1 < cols ? r + 1 : cols;
        float largest = row_max(row, seen);
        for (int c = 0; c < seen; c++)
            row[c] -= largest;
        for (int c = seen; c < cols; c++)
            row[c] = -1e30f;
    }
    for (size_t i = 0; i < count; i++)
        all[i] = exp_fast(all[i]);
    for (int r = 0; r < x.rows; r++) {
        float *restrict row = all + (size_t)r * (size_t)cols;
        float sum = 0.0f;
        for (int c = 0; c < cols; c++)
            sum += row[c];
        float inverse = 1.0f / sum;
        for (int c = 0; c < cols; c++)
            row[c] *= inverse;
    }
}

void KERNEL(softmax_backward)(matrix dy, matrix p)
{
    int cols = dy.cols;

    for (int r = 0; r < dy.rows; r++) {
        float *restrict g = dy.data + (size_t)r * (size_t)cols;
        const float *restrict w = p.data + (size_t)r * (size_t)cols;
        float sum = 0.0f;
        for (int c = 0; c < cols; c++)
            sum += g[c] * w[c];
        for (int c = 0; c < cols; c++)
            g[c] = w[c] * (g[c] - sum);
    }
}

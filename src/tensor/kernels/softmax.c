/* softmax.c - attention weights: many short rows. */
#include "exponential.h"
#include "kernel.h"

/* The exponentials are taken over the whole block, since rows are often shorter than a
 * vector; then the columns that a causal row may not see become 0. */
void KERNEL(softmax_forward)(matrix x, int causal)
{
    int cols = x.cols;
    float *restrict all = x.data;

    for (int r = 0; r < x.rows; r++) {
        float *restrict row = all + (size_t)r * (size_t)cols;
        int seen = causal && r + 1 < cols ? r + 1 : cols;
        float largest = largest_of(row, seen);
        for (int c = 0; c < seen; c++)
            row[c] -= largest;
    }
    row_exponentials(all, (size_t)cols * (size_t)x.rows, 0.0f);
    for (int r = 0; r < x.rows; r++) {
        float *restrict row = all + (size_t)r * (size_t)cols;
        int seen = causal && r + 1 < cols ? r + 1 : cols;
        float inverse = 1.0f / row_sum(row, seen);
        for (int c = 0; c < seen; c++)
            row[c] *= inverse;
        for (int c = seen; c < cols; c++)
            row[c] = 0.0f;
    }
}

void KERNEL(softmax_backward)(matrix dy, matrix p)
{
    int cols = dy.cols;

    for (int r = 0; r < dy.rows; r++) {
        float *restrict g = dy.data + (size_t)r * (size_t)cols;
        const float *restrict w = p.data + (size_t)r * (size_t)cols;
        float sum = row_dot(g, w, cols);
        for (int c = 0; c < cols; c++)
            g[c] = w[c] * (g[c] - sum);
    }
}

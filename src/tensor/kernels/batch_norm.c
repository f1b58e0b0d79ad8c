/* batch_norm.c - normalising by column, and the column sums it needs. */
#include <string.h>

#include "kernel.h"

void KERNEL(square_sums)(matrix x, double *restrict sum, double *restrict squares)
{
    memset(sum, 0, (size_t)x.cols * sizeof(*sum));
    memset(squares, 0, (size_t)x.cols * sizeof(*squares));
    for (int r = 0; r < x.rows; r++) {
        const float *row = matrix_row(x, r);
        for (int c = 0; c < x.cols; c++) {
            double value = (double)row[c];
            sum[c] += value;
            squares[c] += value * value;
        }
    }
}

void KERNEL(product_sums)(matrix x, matrix y, double *restrict sum, double *restrict products)
{
    memset(sum, 0, (size_t)x.cols * sizeof(*sum));
    memset(products, 0, (size_t)x.cols * sizeof(*products));
    for (int r = 0; r < x.rows; r++) {
        const float *row = matrix_row(x, r), *other = matrix_row(y, r);
        for (int c = 0; c < x.cols; c++) {
            double value = (double)row[c];
            sum[c] += value;
            products[c] += value * (double)other[c];
        }
    }
}

void KERNEL(batch_norm_forward)(const batch_norm_forward_args *a)
{
    const float *restrict mean = a->mean, *restrict rstd = a->rstd;
    const float *restrict gain = a->gain, *restrict bias = a->bias;

    for (int r = 0; r < a->x.rows; r++) {
        float *restrict x = matrix_row(a->x, r), *restrict y = matrix_row(a->y, r);
        for (int c = 0; c < a->x.cols; c++) {
            x[c] = (x[c] - mean[c]) * rstd[c];
            y[c] = gain[c] * x[c] + bias[c];
        }
    }
}

/* dy and ds may be the same row: each element is read before it is written. */
static void backward_row(const batch_norm_backward_args *a, const float *dy,
                         const float *restrict xhat, float *ds)
{
    const float *restrict gain = a->gain, *restrict rstd = a->rstd;
    const float *restrict mean_dy = a->mean_dy, *restrict mean_product = a->mean_product;

    KERNEL_INDEPENDENT
    for (int c = 0; c < a->dy.cols; c++)
        ds[c] = gain[c] * rstd[c] * (dy[c] - mean_dy[c] - xhat[c] * mean_product[c]);
}

void KERNEL(batch_norm_backward)(const batch_norm_backward_args *a)
{
    int cols = a->dy.cols;

    if (a->dbranch_sum != NULL)
        memset(a->dbranch_sum, 0, (size_t)cols * sizeof(float));
    for (int r = 0; r < a->dy.rows; r++) {
        float *ds = matrix_row(a->ds, r);
        backward_row(a, matrix_row(a->dy, r), matrix_row(a->xhat, r), ds);
        if (a->carry.data != NULL)
            KERNEL(add)(ds, matrix_row(a->carry, r), (size_t)cols);
        if (a->dbranch_sum != NULL)
            KERNEL(branch_gradient)
        (a->dropout, r, ds, a->dropout == NULL ? NULL : matrix_row(a->dbranch, r),
         a->dbranch_sum, cols);
    }
}

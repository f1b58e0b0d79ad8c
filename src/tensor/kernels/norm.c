/* norm.c - residual sum, dropout and layer norm of rows in one pass. */
#include <math.h>
#include <string.h>

#include "kernel.h"
#include "row_sum.h"

static void sum_row(const float *restrict x, const float *restrict branch,
                    const float *restrict bias, float *restrict s, int cols)
{
    for (int c = 0; c < cols; c++)
        s[c] = x[c] + (branch[c] + bias[c]);
}

static void sum_row_dropped(const float *restrict x, const float *restrict branch,
                            const float *restrict bias, const dropout *d, int row,
                            float *restrict s, int cols)
{
    float mask[KERNEL_CHUNK];

    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = cols - c < KERNEL_CHUNK ? cols - c : KERNEL_CHUNK;
        KERNEL(dropout_mask)(d, (uint32_t)row, (uint32_t)(c / KERNEL_CHUNK), mask);
        for (int i = 0; i < n; i++)
            s[c + i] = x[c + i] + mask[i] * (branch[c + i] + bias[c + i]);
    }
}

void KERNEL(residual_add)(matrix x, matrix branch, const float *bias, const dropout *d,
                          matrix y)
{
    float mask[KERNEL_CHUNK];

    for (int r = 0; r < x.rows; r++) {
        const float *in = matrix_row(x, r), *b = matrix_row(branch, r);
        float *out = matrix_row(y, r);
        for (int c = 0; c < x.cols; c += KERNEL_CHUNK) {
            int n = x.cols - c < KERNEL_CHUNK ? x.cols - c : KERNEL_CHUNK;
            for (int i = 0; i < n; i++)
                mask[i] = 1.0f;
            if (d != NULL)
                KERNEL(dropout_mask)(d, (uint32_t)r, (uint32_t)(c / KERNEL_CHUNK), mask);
            for (int i = 0; i < n; i++)
                out[c + i] = in[c + i] + mask[i] * (b[c + i] + bias[c + i]);
        }
    }
}

void KERNEL(residual_backward)(matrix dy, const dropout *d, matrix dbranch, float *sum)
{
    if (dbranch.data != dy.data)
        for (int r = 0; r < dy.rows; r++)
            memcpy(matrix_row(dbranch, r), matrix_row(dy, r), (size_t)dy.cols * sizeof(float));
    if (d != NULL)
        KERNEL(dropout_apply)(dbranch, d);
    KERNEL(column_sums)(dbranch, sum);
}

/* s[c] becomes xhat[c]. */
static float normalise_row(float *restrict s, float *restrict y, const float *restrict gain,
                           const float *restrict bias, float epsilon, int cols)
{
    float mean = row_sum(s, cols) / (float)cols;

    for (int c = 0; c < cols; c++)
        s[c] -= mean;
    float rstd = 1.0f / sqrtf(row_dot(s, s, cols) / (float)cols + epsilon);
    for (int c = 0; c < cols; c++) {
        s[c] *= rstd;
        y[c] = gain[c] * s[c] + bias[c];
    }
    return rstd;
}

void KERNEL(norm_forward)(const norm_forward_args *a)
{
    int cols = a->x.cols;

    for (int r = 0; r < a->x.rows; r++) {
        float *s = matrix_row(a->xhat, r);
        const float *x = matrix_row(a->x, r);
        if (a->branch.data == NULL)
            memcpy(s, x, (size_t)cols * sizeof(float));
        else if (a->dropout == NULL)
            sum_row(x, matrix_row(a->branch, r), a->branch_bias, s, cols);
        else
            sum_row_dropped(x, matrix_row(a->branch, r), a->branch_bias, a->dropout, r, s,
                            cols);
        a->rstd[r] = normalise_row(s, matrix_row(a->y, r), a->gain, a->bias, a->epsilon, cols);
    }
}

/* The sums of gain * dy and of that times xhat, of a row. */
static void sum_gradients(const float *gain, const float *dy, const float *xhat, int cols,
                          float *sum_g, float *sum_gx)
{
    float g[KERNEL_CHUNK];

    *sum_g = *sum_gx = 0.0f;
    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = cols - c < KERNEL_CHUNK ? cols - c : KERNEL_CHUNK;
        for (int i = 0; i < n; i++)
            g[i] = gain[c + i] * dy[c + i];
        *sum_g += row_sum(g, n);
        *sum_gx += row_dot(g, xhat + c, n);
    }
}

/* dy and ds may be the same row: each element is read before it is written. */
static void backward_row(const float *dy, const float *restrict xhat,
                         const float *restrict gain, float rstd, float *ds,
                         float *restrict dgain, float *restrict dbias, int cols)
{
    float sum_g, sum_gx;

    sum_gradients(gain, dy, xhat, cols, &sum_g, &sum_gx);
    float mean_g = sum_g / (float)cols, mean_gx = sum_gx / (float)cols;
    KERNEL_INDEPENDENT
    for (int c = 0; c < cols; c++) {
        float d = dy[c];
        dgain[c] += d * xhat[c];
        dbias[c] += d;
        ds[c] = rstd * (gain[c] * d - mean_g - xhat[c] * mean_gx);
    }
}

void KERNEL(branch_gradient)(const dropout *d, int row, const float *restrict ds,
                             float *restrict dbranch, float *restrict sum, int cols)
{
    float mask[KERNEL_CHUNK];

    if (d == NULL) {
        KERNEL(add)(sum, ds, (size_t)cols);
        return;
    }
    for (int c = 0; c < cols; c += KERNEL_CHUNK) {
        int n = cols - c < KERNEL_CHUNK ? cols - c : KERNEL_CHUNK;
        KERNEL(dropout_mask)(d, (uint32_t)row, (uint32_t)(c / KERNEL_CHUNK), mask);
        for (int i = 0; i < n; i++) {
            dbranch[c + i] = mask[i] * ds[c + i];
            sum[c + i] += dbranch[c + i];
        }
    }
}

void KERNEL(norm_backward)(const norm_backward_args *a)
{
    int cols = a->dy.cols;
    size_t bytes = (size_t)cols * sizeof(float);

    memset(a->dgain, 0, bytes);
    memset(a->dbias, 0, bytes);
    if (a->dbranch_sum != NULL)
        memset(a->dbranch_sum, 0, bytes);
    for (int r = 0; r < a->dy.rows; r++) {
        float *ds = matrix_row(a->ds, r);
        backward_row(matrix_row(a->dy, r), matrix_row(a->xhat, r), a->gain, a->rstd[r], ds,
                     a->dgain, a->dbias, cols);
        if (a->carry.data != NULL)
            KERNEL(add)(ds, matrix_row(a->carry, r), (size_t)cols);
        if (a->dbranch_sum != NULL)
            KERNEL(branch_gradient)
        (a->dropout, r, ds, a->dropout == NULL ? NULL : matrix_row(a->dbranch, r),
         a->dbranch_sum, cols);
    }
}

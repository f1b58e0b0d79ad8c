/* pool.c - one row for each sentence. */
#include "lockstep/nn/pool.h"

#include <string.h>

#include "lockstep/tensor/kernels.h"

static int rows_of(const packed *p, int s)
{
    return p->offsets[s + 1] - p->offsets[s];
}

/* ---- the mean ---- */

matrix pool_mean_forward(pass *pass, const stream *stream, matrix x)
{
    const packed *p = &stream->packed;
    matrix means = pass_matrix(pass, p->sequences, x.cols);

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int s = 0; s < p->sequences; s++) {
        float *mean = matrix_row(means, s), share = 1.0f / (float)rows_of(p, s);

        memset(mean, 0, (size_t)means.cols * sizeof(float));
        for (int r = p->offsets[s]; r < p->offsets[s + 1]; r++)
            kernels_get()->add_scaled(mean, matrix_row(x, r), share, (size_t)means.cols);
    }
    return means;
}

void pool_mean_backward(const pass *pass, const stream *stream, matrix dpooled, matrix dx)
{
    const packed *p = &stream->packed;

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int s = 0; s < p->sequences; s++) {
        const float *mean = matrix_row(dpooled, s);
        float share = 1.0f / (float)rows_of(p, s);

        for (int r = p->offsets[s]; r < p->offsets[s + 1]; r++)
            for (int i = 0; i < dx.cols; i++)
                matrix_row(dx, r)[i] = share * mean[i];
    }
}

/* ---- the first ---- */

matrix pool_first_forward(pass *pass, const stream *stream, matrix x)
{
    const packed *p = &stream->packed;
    matrix first = pass_matrix(pass, p->sequences, x.cols);

    for (int s = 0; s < p->sequences; s++)
        memcpy(matrix_row(first, s), matrix_row(x, p->offsets[s]),
               (size_t)x.cols * sizeof(float));
    return first;
}

void pool_first_backward(const pass *pass, const stream *stream, matrix dpooled, matrix dx)
{
    const packed *p = &stream->packed;
    size_t size = (size_t)dx.cols * sizeof(float);

#pragma omp parallel for num_threads(pass->threads) schedule(static)
    for (int s = 0; s < p->sequences; s++) {
        memcpy(matrix_row(dx, p->offsets[s]), matrix_row(dpooled, s), size);
        for (int r = p->offsets[s] + 1; r < p->offsets[s + 1]; r++)
            memset(matrix_row(dx, r), 0, size);
    }
}

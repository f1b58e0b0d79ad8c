/* matrix.h - a borrowed, row-major view of floats; it never owns storage. */
#ifndef LOCKSTEP_TENSOR_MATRIX_H
#define LOCKSTEP_TENSOR_MATRIX_H

#include <stddef.h>

typedef struct matrix {
    float *data;
    int rows, cols;
    int stride; /* floats from one row to the next, at least cols */
} matrix;

/* A view of rows * cols contiguous floats. */
static inline matrix matrix_view(float *data, int rows, int cols)
{
    return (matrix){data, rows, cols, cols};
}

static inline float *matrix_row(matrix m, int row)
{
    return m.data + (size_t)row * (size_t)m.stride;
}

/* Rows [first, first + rows). */
static inline matrix matrix_rows(matrix m, int first, int rows)
{
    return (matrix){matrix_row(m, first), rows, m.cols, m.stride};
}

/* Columns [first, first + cols). */
static inline matrix matrix_cols(matrix m, int first, int cols)
{
    return (matrix){m.data + first, m.rows, cols, m.stride};
}

#endif

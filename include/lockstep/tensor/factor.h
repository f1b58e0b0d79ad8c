/* factor.h - what products read: a matrix of floats, or one that was rounded to bfloat16 when
 * it was made, and takes half the room. Borrowed, as a matrix is. */
#ifndef LOCKSTEP_TENSOR_FACTOR_H
#define LOCKSTEP_TENSOR_FACTOR_H

#include <stdbool.h>

#include "lockstep/tensor/matrix.h"

typedef struct factor {
    matrix floats; /* rounded: each in the place of two numbers of its row, the even one in its
                      lower half */
    bool rounded;  /* only engines that read such factors (gemm.h) may be given them */
} factor;

static inline factor factor_of(matrix m)
{
    return (factor){.floats = m};
}

static inline int factor_width(factor f)
{
    return f.rounded ? 2 * f.floats.cols : f.floats.cols;
}

/* Rows [first, first + rows). */
static inline factor factor_rows(factor f, int first, int rows)
{
    return (factor){matrix_rows(f.floats, first, rows), f.rounded};
}

/* Columns [first, first + cols), even numbers both where it is rounded. */
static inline factor factor_cols(factor f, int first, int cols)
{
    int numbers = f.rounded ? 2 : 1;

    return (factor){matrix_cols(f.floats, first / numbers, cols / numbers), f.rounded};
}

#endif

/* witness.h - what ThreadSanitizer cannot see, since BLAS is not built with it: the memory
 * that a product reads and writes. Nothing in other builds.
 */
#ifndef LOCKSTEP_TENSOR_WITNESS_H
#define LOCKSTEP_TENSOR_WITNESS_H

#include "lockstep/tensor/matrix.h"

#ifdef LOCKSTEP_TSAN

/* Of its run-time library. */
void __tsan_read_range(void *from, unsigned long bytes);
void __tsan_write_range(void *from, unsigned long bytes);

static inline void witness_read(matrix m)
{
    for (int row = 0; row < m.rows; row++)
        __tsan_read_range(matrix_row(m, row), (size_t)m.cols * sizeof(float));
}

static inline void witness_write(matrix m)
{
    for (int row = 0; row < m.rows; row++)
        __tsan_write_range(matrix_row(m, row), (size_t)m.cols * sizeof(float));
}

#else

static inline void witness_read(matrix m)
{
    (void)m;
}

static inline void witness_write(matrix m)
{
    (void)m;
}

#endif

#endif

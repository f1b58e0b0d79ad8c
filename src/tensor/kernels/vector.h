/* vector.h - vectors as wide as the instruction set has them, in the compilers' own terms. */
#ifndef LOCKSTEP_TENSOR_KERNELS_VECTOR_H
#define LOCKSTEP_TENSOR_KERNELS_VECTOR_H

#include <string.h>

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

/* Columns of a packed matrix that stand together (row_product). */
enum { PANEL = 2 * LANES };

static inline lanes lanes_load(const float *from)
{
    lanes v;

    memcpy(&v, from, sizeof(v));
    return v;
}

static inline void lanes_store(float *to, lanes v)
{
    memcpy(to, &v, sizeof(v));
}

#endif

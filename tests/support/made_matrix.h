/* made_matrix.h - matrices for the tests of kernels: random, with a gap after every row that
 * nothing may write to. */
#ifndef LOCKSTEP_TESTS_MADE_MATRIX_H
#define LOCKSTEP_TESTS_MADE_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/tensor/matrix.h"

/* values[0..count) uniform in [-size, size), a function of seed alone. */
void made_floats(float *values, size_t count, uint32_t seed, float size);

/* An owned matrix of such floats in [-2, 2). gap floats follow each row. */
matrix made_matrix_create(int rows, int cols, int gap, uint32_t seed);
/* Another with the same values, gaps included. */
matrix made_matrix_copy(matrix m);
/* Every element, but none of the gaps. */
void made_matrix_fill(matrix m, float value);
void made_matrix_free(matrix m);

/* Ends the test if a gap was written to. */
void made_matrix_check(matrix m, int gap);

#endif

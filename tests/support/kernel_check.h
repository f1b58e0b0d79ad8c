/* kernel_check.h - every kernel set that runs here, at sizes around those of vectors. */
#ifndef LOCKSTEP_TESTS_KERNEL_CHECK_H
#define LOCKSTEP_TESTS_KERNEL_CHECK_H

#include <stdbool.h>

#include "lockstep/tensor/kernels.h"

enum { KERNEL_GAP = 3 };

/* Call `check` for every set that runs here, or for the one that LOCKSTEP_KERNELS names, which
 * must; kernels_get() is the set. */
void kernel_check_sets(void (*check)(void));
/* Likewise, for every size too. */
void kernel_check(void (*check)(int rows, int cols));

/* got[0..count) against want: |got - want| <= tolerance * (1 + |want|), or the test ends and
 * says `what`. */
void kernel_check_close(const char *what, const float *got, const double *want, int count,
                        double tolerance);

/* Row `row` of both has the same bits, or the test ends. */
void kernel_check_bits(const char *what, matrix whole, int row, matrix alone);

/* 0 or 1 / (1 - rate): what random_block says of an element; 1 without dropout. */
double kernel_check_mask(const dropout *d, int row, int col);

/* A dropout of a quarter, with numbers of many bits. */
dropout kernel_check_dropout(void);
/* The same for a run that begins `row` rows later. */
dropout kernel_check_later(dropout d, int row);

#endif

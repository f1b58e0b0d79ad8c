/* arithmetic.h - which bits come out: a number that tells two arithmetics apart.
 *
 * The name of a set of kernels does not say it all: OpenBLAS cuts products into blocks by
 * the size of the caches, so that one core gives other bits on another processor.
 */
#ifndef LOCKSTEP_TENSOR_ARITHMETIC_H
#define LOCKSTEP_TENSOR_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

/* Of all bits of the values; one bit that differs in one of them gives another number. */
uint64_t arithmetic_hash(const float *values, size_t count);

/* Of fixed products in the three orientations, thin and deep ones among them; after
 * gemm_open. Takes some milliseconds. */
MUST_CHECK status arithmetic_products(uint64_t *hash);

/* Of fixed exponentials (softmax) and reductions (layer norm) by the kernels in use. */
MUST_CHECK status arithmetic_kernels(uint64_t *hash);

#endif

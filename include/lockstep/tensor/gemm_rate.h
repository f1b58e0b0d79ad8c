/* gemm_rate.h - how fast OpenBLAS multiplies matrices here, the measure of all other rates. */
#ifndef LOCKSTEP_TENSOR_GEMM_RATE_H
#define LOCKSTEP_TENSOR_GEMM_RATE_H

#include "lockstep/base/status.h"

/* GFLOP/s of `threads` threads that multiply large squares at once, each its own: the best
 * of several timings over a quarter of a second. After gemm_open. */
MUST_CHECK status gemm_rate(int threads, double *out);

#endif

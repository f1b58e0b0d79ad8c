/* gemm_reserve.h - OpenBLAS's own memory, had before it is needed.
 *
 * OpenBLAS takes a buffer for each thread that multiplies, at its first product, and when it
 * cannot have one it tries again for ever.
 */
#ifndef LOCKSTEP_TENSOR_GEMM_RESERVE_H
#define LOCKSTEP_TENSOR_GEMM_RESERVE_H

#include "lockstep/base/status.h"

/* STATUS_NOMEM where address space is so limited that OpenBLAS cannot have the buffer that it
 * may take as soon as it is loaded. Needs nothing that is initialised. */
MUST_CHECK status gemm_reserve_first(void);

/* Where address space is limited (ulimit -v) let `threads` threads have their buffers and
 * stacks now; after gemm_open, and before an arena takes what is left. STATUS_NOMEM when they
 * cannot, limited or not. */
MUST_CHECK status gemm_reserve(int threads);

#endif

/* gemm.h - matrix products; the only door to CBLAS.
 *
 * OpenBLAS gives a row of the result other bits when the number of rows changes, so
 * callers cut their work into tiles that depend on nothing but the data (tiles.h).
 * It is told to use one thread; parallelism is over tiles.
 */
#ifndef LOCKSTEP_TENSOR_GEMM_H
#define LOCKSTEP_TENSOR_GEMM_H

#include "lockstep/tensor/matrix.h"

/* Tell OpenBLAS to use one thread and the kernels that suit the processor (core.h). Before
 * the first product. */
void gemm_open(void);

/* c = alpha * a b^T + beta * c; [m,n] = [m,k] [n,k]^T. With beta 0 c is only written.
 * k may be 0. */
void gemm_nt(float alpha, matrix a, matrix b, float beta, matrix c);
/* c = alpha * a b + beta * c; [m,n] = [m,k] [k,n] */
void gemm_nn(float alpha, matrix a, matrix b, float beta, matrix c);
/* c = alpha * a^T b + beta * c; [m,n] = [k,m]^T [k,n] */
void gemm_tn(float alpha, matrix a, matrix b, float beta, matrix c);

#endif

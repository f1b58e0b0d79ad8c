/* gemm.h - matrix products, by the engine that was chosen.
 *
 * OpenBLAS gives a row of the result other bits when the number of rows changes, so
 * callers cut their work into tiles that depend on nothing but the data (tiles.h).
 * It is told to use one thread; parallelism is over tiles.
 *
 * Ours (kernels.h, product) sums every element through the inner index in order, each
 * multiply-add rounded once: its bits depend on nothing but the element's row and column, and
 * are the same with every instruction set.
 */
#ifndef LOCKSTEP_TENSOR_GEMM_H
#define LOCKSTEP_TENSOR_GEMM_H

#include <stdbool.h>

#include "lockstep/tensor/kernels.h"

/* Tell OpenBLAS to use one thread and the kernels that suit the processor (core.h). Before
 * the first product. */
void gemm_open(void);

/* Those of run.products, and of model.precision: bfloat16 in either order (kernels.h,
 * tiles_product, pairs_product). */
typedef enum gemm_engine { GEMM_OPENBLAS, GEMM_NATIVE, GEMM_TILES, GEMM_PAIRS } gemm_engine;

/* Our own products on a processor, next to OpenBLAS's: slower, never measured, or as fast or
 * faster in whole steps, but for the largest on AVX2 (the README's "Speed"). */
typedef enum gemm_merit { MERIT_SLOWER, MERIT_UNKNOWN, MERIT_FAST } gemm_merit;

/* By what this processor can do, never by a timing. */
gemm_merit gemm_native_merit(void);

/* Who multiplies from now on; OpenBLAS before the first choice. Who did until now. When no
 * thread multiplies. */
gemm_engine gemm_choose(gemm_engine engine);

/* Does the engine multiply faster by weights that were packed (weight.h)? */
bool gemm_wants_packed(void);

/* Does it round factors to bfloat16? */
bool gemm_rounds(void);

/* And reads factors that were rounded before (factor.h)? It rounds, then, and has instructions
 * for it: on other processors the bits are the same, and what is read stays float32. */
bool gemm_reads_rounded(void);

/* Any product (kernels.h); its factors are rounded only where they are read so. */
void gemm_factors(const product *p);

/* c = alpha * a b^T + beta * c; [m,n] = [m,k] [n,k]^T. With beta 0 c is only written.
 * k may be 0, alpha not. */
void gemm_nt(float alpha, matrix a, matrix b, float beta, matrix c);
/* c = alpha * a b + beta * c; [m,n] = [m,k] [k,n] */
void gemm_nn(float alpha, matrix a, matrix b, float beta, matrix c);
/* c = alpha * a^T b + beta * c; [m,n] = [k,m]^T [k,n] */
void gemm_tn(float alpha, matrix a, matrix b, float beta, matrix c);

#endif

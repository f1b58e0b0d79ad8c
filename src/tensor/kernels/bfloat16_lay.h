/* bfloat16_lay.h - factors rounded to bfloat16 and laid as instructions for it want them: two
 * inner indices, a pair, in the place of a float, the even one in its lower half. */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_LAY_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_LAY_H

#include "bfloat16_block.h"

enum { PAIR_LANES = 16 }; /* pairs of a vector, or of a row of a tile */

/* The [depth] numbers of a row, as filled / 2 pairs with zeros behind them. */
void KERNEL(bfloat16_lay_row)(const float *from, int depth, int filled, float *to);

/* `count` numbers of an even inner index, PAIR_LANES at most, next to those of the odd one
 * after it, which NULL has none of; zeros up to PAIR_LANES pairs. */
void KERNEL(bfloat16_lay_pairs)(const float *even, const float *odd, int count, float *to);

/* Columns [at, at + cols) of a matrix whose rows are inner indices, BFLOAT16_COLS at most: as
 * [filled / 2, BFLOAT16_COLS]. */
void KERNEL(bfloat16_lay_straight)(const bfloat16_run *r, matrix m, int at, int cols,
                                   float *to);

/* Columns [at, at + cols) of b, BFLOAT16_COLS at most: as [filled / 2, BFLOAT16_COLS]. */
void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, void *to);

#endif

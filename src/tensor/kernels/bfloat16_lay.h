/* bfloat16_lay.h - factors rounded to bfloat16 and laid as instructions for it want them: two
 * inner indices, a pair, in the place of a float, the even one in its lower half. */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_LAY_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_LAY_H

#include "bfloat16_block.h"

enum { PAIR_LANES = 16 }; /* pairs of a vector, or of a row of a tile */

enum { SIDE_BY_SIDE = TILE_GROUP / 2 }; /* from one group to the next */

/* Rows [at, at + rows) of a factor whose columns are inner indices: as [filled / 2] pairs each,
 * `row` floats from row to row, and `group` from one group of them to the next. */
void KERNEL(bfloat16_lay_rows)(const bfloat16_run *r, factor f, int at, int rows, float *to,
                               size_t row, size_t group);

/* Of a factor whose rows are inner indices columns [at, at + count), PAIR_LANES at most, of
 * the run's inner index k and the one behind it: as PAIR_LANES pairs, with zeros behind. */
void KERNEL(bfloat16_lay_pairs)(const bfloat16_run *r, factor f, int k, int at, int count,
                                float *to);

/* Of such a factor columns [at, at + cols), BFLOAT16_COLS at most: as
 * [filled / 2, BFLOAT16_COLS]. */
void KERNEL(bfloat16_lay_straight)(const bfloat16_run *r, factor f, int at, int cols,
                                   float *to);

/* Columns [at, at + cols) of b, BFLOAT16_COLS at most: as [filled / 2, BFLOAT16_COLS]. */
void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, void *to);

#endif

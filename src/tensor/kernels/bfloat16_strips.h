/* bfloat16_strips.h - a run of a product in bfloat16, strip by strip of rows: a strip stays in
 * the second cache while columns go by, block by block, each in the first. */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_STRIPS_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_STRIPS_H

#include "bfloat16_block.h"

typedef struct bfloat16_blocks {
    int rows, cols; /* of a block */
    size_t number;  /* bytes of one that is laid */

    /* Rows [at, at + rows) of a, any number, and columns [at, at + cols) of b, `cols` of a
     * block at most: rounded, with zeros where there are none, as `multiply` wants them. A
     * block takes `filled` numbers for each of its rows or columns. */
    void (*lay_rows)(const bfloat16_run *r, int at, int rows, void *to);
    void (*lay_cols)(const bfloat16_run *r, int at, int cols, void *to);

    /* The elements of c that begin with `c`, `rows` and `cols` of them. */
    void (*multiply)(const bfloat16_run *r, const void *a, const void *b, float *c, int rows,
                     int cols);
} bfloat16_blocks;

/* Of BFLOAT16_RUN inner indices at most. */
void KERNEL(bfloat16_strips)(const bfloat16_run *r, const bfloat16_blocks *blocks);

#endif

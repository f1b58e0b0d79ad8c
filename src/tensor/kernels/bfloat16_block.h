/* bfloat16_block.h - what products in bfloat16 are made of: rows times some columns, in
 * either of the orders of bfloat16.h, by that order's own instructions (bfloat16_tiles.c,
 * bfloat16_pairs.c) or by vectors of float32 (bfloat16_lanes.c). */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H

#include "bfloat16.h"
#include "block.h"

/* At a time, at most: inner indices of a run, and columns. */
enum { BFLOAT16_RUN = 256, BFLOAT16_COLS = 32 };

typedef struct bfloat16_run bfloat16_run;

typedef struct bfloat16_order {
    int group;      /* inner indices that zeros fill up */
    int rows, cols; /* of a block */
    size_t number;  /* bytes of one that is laid */
    bool in_place;  /* rows of an a that is rounded are read where they stand: its inner indices
                       are whole groups, its rows whole blocks where lay_rows fills them up */

    /* Rows [at, at + rows) of a, any number, and columns [at, at + cols) of b, `cols` of a
     * block at most: rounded, with zeros where there are none, as `multiply` wants them. A
     * block takes `filled` numbers for each of its rows or columns. */
    void (*lay_rows)(const bfloat16_run *r, int at, int rows, void *to);
    void (*lay_cols)(const bfloat16_run *r, int at, int cols, void *to);

    /* The thread multiplies from the first to the second; NULL: it is always ready. */
    void (*begin)(void);
    void (*end)(void);

    /* The elements of c that begin with `c`, `rows` and `cols` of them. */
    void (*multiply)(const bfloat16_run *r, const void *a, const void *b, float *c, int rows,
                     int cols);
} bfloat16_order;

/* Inner indices [from, from + depth) of a product. */
struct bfloat16_run {
    const bfloat16_order *order;
    const product *product;
    int from, depth;
    int filled;         /* depth, and the zeros that fill up its last group */
    size_t a_row;       /* floats from row to row of an a that is read where it stands; 0: it is
                           laid */
    float start, scale; /* c = scale * (start * c + a b) */
};

static inline int at_most(int count, int most)
{
    return count < most ? count : most;
}

/* Of a run the group of inner indices from `at` on, as a run of its own. */
static inline bfloat16_run bfloat16_group(const bfloat16_run *r, int at)
{
    bfloat16_run group = *r;
    int left = r->depth - at, filled = r->filled - at;

    group.from += at;
    group.depth = at_most(left > 0 ? left : 0, TILE_GROUP);
    group.filled = at_most(filled, TILE_GROUP);
    return group;
}

/* Denormal numbers are zeros meanwhile. */
void KERNEL(bfloat16_product)(const bfloat16_order *order, const product *p);

#endif

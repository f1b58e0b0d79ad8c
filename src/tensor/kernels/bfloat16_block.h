/* bfloat16_block.h - what products in bfloat16 are made of: rows times some columns, in
 * either of the orders of bfloat16.h, by that order's own instructions (bfloat16_tiles.c,
 * bfloat16_pairs.c) or by vectors of float32 (bfloat16_lanes.c). */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H

#include "bfloat16.h"
#include "block.h"

/* At a time, at most: inner indices that stay in the first cache, and columns of a block. */
enum { BFLOAT16_RUN = 256, BFLOAT16_COLS = 32 };

typedef struct bfloat16_run bfloat16_run;

typedef struct bfloat16_order {
    int group;           /* inner indices that zeros fill up */
    int most, most_laid; /* inner indices of a run, and of one of what b_laid has */
    bool in_place;       /* rows of an a that is rounded are read where they stand: its inner
                            indices are whole groups, its rows whole blocks where zeros fill
                            them up */

    void (*begin)(void); /* the thread is about to multiply; NULL: it is always ready */
    void (*run)(const bfloat16_run *r);
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

/* Of a run at most `count` inner indices, whole groups of tiles, from `at` on, as a run of its
 * own. */
static inline bfloat16_run bfloat16_part(const bfloat16_run *r, int at, int count)
{
    bfloat16_run part = *r;

    part.from += at;
    part.depth = at_most(r->depth - at, count);
    part.filled = at_most(r->filled - at, count);
    return part;
}

/* Columns [at, ...) of a run, where they are laid already: at least BFLOAT16_COLS, or NULL. */
static inline const float *bfloat16_laid(const bfloat16_run *r, int at)
{
    const laid_factor *b = &r->product->b_laid;

    if (r->from >= b->depth || b->cols - at < BFLOAT16_COLS)
        return NULL;
    return b->pairs + (size_t)(at / BFLOAT16_COLS) * b->panel +
           (size_t)(r->from / 2) * BFLOAT16_COLS;
}

/* Denormal numbers are zeros meanwhile. */
void KERNEL(bfloat16_product)(const bfloat16_order *order, const product *p);

#endif

/* symbol_blocks.h - the logits of a run of rows, a block of symbols after another: so many
 * that they stay in cache while their softmax and its gradient are taken from them. */
#ifndef LOCKSTEP_NN_SYMBOL_BLOCKS_H
#define LOCKSTEP_NN_SYMBOL_BLOCKS_H

#include "lockstep/base/arena.h"
#include "lockstep/nn/linear.h"

/* Rows of a run at most, and symbols of a block, of which the last one may have fewer. */
enum { SYMBOL_BLOCK_ROWS = TILE_ROWS, SYMBOL_BLOCK_COLS = 384 };

/* Statistics of a row stand block by block, at symbol_blocks_at. */
typedef struct symbol_blocks {
    linear output; /* [symbols, width] */
    int count;
    float *logits;        /* [count][SYMBOL_BLOCK_ROWS * SYMBOL_BLOCK_COLS] */
    float *largest, *sum; /* [count][SYMBOL_BLOCK_ROWS] */
} symbol_blocks;

/* Room for one run at a time. */
symbol_blocks symbol_blocks_push(arena *arena, linear output);

/* Where the statistics of a block's row are. */
static inline size_t symbol_blocks_at(int block, int row)
{
    return (size_t)block * SYMBOL_BLOCK_ROWS + (size_t)row;
}

/* The output layer for the symbols of a block alone. */
linear symbol_blocks_linear(const symbol_blocks *s, int block);

/* [rows, the block's symbols] */
matrix symbol_blocks_logits(const symbol_blocks *s, int block, int rows);

#endif

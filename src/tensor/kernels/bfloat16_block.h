/* bfloat16_block.h - what products in bfloat16 are made of: some rows times some columns, by
 * vectors of float32 (bfloat16_lanes.c) or by AMX's tiles (bfloat16_tiles.c). */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_BLOCK_H

#include "bfloat16.h"
#include "block.h"

/* TILES_IN_C: a test of how tiles are used, on any processor. */
#if defined(__AMX_BF16__) || defined(TILES_IN_C)
typedef uint16_t bfloat16_number;
enum { BFLOAT16_ROWS = 32, BFLOAT16_COLS = 32 };
#else
typedef float bfloat16_number; /* the lower half 0 */
enum { BFLOAT16_ROWS = BLOCK_ROWS, BFLOAT16_COLS = PANEL };
#endif

enum { BFLOAT16_RUN = 8 * GROUP }; /* inner indices at a time, at most */

/* Inner indices [from, from + depth) of a product. */
typedef struct bfloat16_run {
    const product *product;
    int from, depth;
    int groups;         /* that depth takes */
    float start, scale; /* c = scale * (start * c + a b) */
} bfloat16_run;

/* Numbers of a block of rows, or of a panel of columns, that is laid. */
static inline size_t bfloat16_rows_size(const bfloat16_run *r)
{
    return (size_t)r->groups * GROUP * BFLOAT16_ROWS;
}

static inline size_t bfloat16_cols_size(const bfloat16_run *r)
{
    return (size_t)r->groups * GROUP * BFLOAT16_COLS;
}

/* Rows [at, at + rows) of a, BFLOAT16_ROWS at most, and columns [at, at + cols) of b,
 * BFLOAT16_COLS at most: rounded, with zeros where there are none, as the third wants them. */
void KERNEL(bfloat16_lay_rows)(const bfloat16_run *r, int at, int rows, bfloat16_number *to);
void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, bfloat16_number *to);

/* The thread multiplies from the first to the second, which is given what the first returned:
 * denormal numbers are zeros meanwhile. */
uint64_t KERNEL(bfloat16_begin)(void);
void KERNEL(bfloat16_end)(uint64_t before);

/* The elements of c that begin with `c`, `rows` and `cols` of them. */
void KERNEL(bfloat16_multiply)(const bfloat16_run *r, const bfloat16_number *a,
                               const bfloat16_number *b, float *c, int rows, int cols);

#endif

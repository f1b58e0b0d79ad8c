/* bfloat16_tile_block.h - a block of a product in bfloat16: two by two tiles of results, from
 * two of rows and two of columns. */
#ifndef LOCKSTEP_TENSOR_KERNELS_BFLOAT16_TILE_BLOCK_H
#define LOCKSTEP_TENSOR_KERNELS_BFLOAT16_TILE_BLOCK_H

#include "bfloat16_block.h"
#include "tile.h"

/* HALF: rows or columns of a tile. ROWS, COLS: of a block. ROW_BYTES: of a block of results
 * that is written beside c, and of the columns' pairs. GROUP_PAIRS: of a row of a tile. */
enum {
    HALF = TILE_LINES,
    ROWS = 2 * HALF,
    COLS = 2 * HALF,
    ROW_BYTES = COLS * 4,
    GROUP_PAIRS = TILE_GROUP / 2
};

/* A block's rows: pairs of all groups of the run. */
typedef struct row_pairs {
    const float *at;
    size_t row, group; /* floats from row to row, and from group to group */
} row_pairs;

/* Results whose lines of memory are fetched meanwhile, for which stores would wait. */
typedef struct results_ahead {
    const float *c;
    int rows;
} results_ahead;

/* How many of `cols` the vector has that begins with column k. */
static inline int columns_from(int k, int cols)
{
    return cols < k ? 0 : at_most(cols - k, LANES);
}

/* start * c where there is a c, and zeros where there is none. */
static inline void take_results(const bfloat16_run *r, const float *c, int rows, int cols,
                                float block[ROWS][COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i++, c += stride)
        for (int k = 0; k < COLS; k += LANES)
            lanes_store(block[i] + k, r->start * lanes_load_some(c + k, columns_from(k, cols)));
    memset(block[rows], 0, (size_t)(ROWS - rows) * ROW_BYTES);
}

static inline void give_results(const bfloat16_run *r, float *c, int rows, int cols,
                                float block[ROWS][COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i++, c += stride)
        for (int k = 0; k < cols; k += LANES)
            lanes_store_some(c + k, r->scale * lanes_load(block[i] + k),
                             at_most(cols - k, LANES));
}

/* Of a block's tiles those with results: two by two, or fewer at the edges. Tiles 0 to 3 are
 * the sums, row by row. */
typedef struct part {
    bool right, below;
} part;

static inline void sums_zero(void)
{
    tile_zero(0);
    tile_zero(1);
    tile_zero(2);
    tile_zero(3);
}

/* `row`: bytes from row to row. */
static inline void sums_load(const float *c, size_t row)
{
    const float *below = c + HALF * (row / sizeof(*c));

    tile_load(0, c, row);
    tile_load(1, c + HALF, row);
    tile_load(2, below, row);
    tile_load(3, below + HALF, row);
}

static inline void sums_store(part p, float *c, size_t row)
{
    float *below = c + HALF * (row / sizeof(*c));

    tile_store(0, c, row);
    if (p.right)
        tile_store(1, c + HALF, row);
    if (p.below)
        tile_store(2, below, row);
    if (p.right && p.below)
        tile_store(3, below + HALF, row);
}

static inline void fetch_rows(const bfloat16_run *r, results_ahead *next, int rows)
{
    for (; rows > 0 && next->rows > 0; rows--, next->rows--) {
        tile_fetch(next->c);
        tile_fetch(next->c + HALF);
        next->c += r->product->c.stride;
    }
}

/* A tile of columns has the 16 pairs of inner indices of a group, in every second line of
 * memory. */
static inline void sums_add(const bfloat16_run *r, part p, const row_pairs *rows,
                            const float *b, results_ahead next)
{
    const float *a = rows->at;
    size_t row = rows->row * sizeof(*a);
    int groups = r->filled / TILE_GROUP,
        fetched = groups == 0 ? 0 : (ROWS + groups - 1) / groups;

    for (int k = 0; k < groups; k++, a += rows->group, b += GROUP_PAIRS * COLS) {
        fetch_rows(r, &next, fetched);
        tile_load(4, a, row);
        tile_load(6, b, ROW_BYTES);
        tile_multiply_add(0, 4, 6);
        if (p.right) {
            tile_load(7, b + HALF, ROW_BYTES);
            tile_multiply_add(1, 4, 7);
        }
        if (p.below) {
            tile_load(5, a + HALF * rows->row, row);
            tile_multiply_add(2, 5, 6);
            if (p.right)
                tile_multiply_add(3, 5, 7);
        }
    }
}

/* The elements of c that begin with `c`, `rows` and `cols` of them; b as
 * [groups * GROUP_PAIRS, COLS]. */
static inline void tile_block(const bfloat16_run *r, const row_pairs *a, const float *b,
                              float *c, int rows, int cols, results_ahead next)
{
    float block[ROWS][COLS];
    size_t row = (size_t)r->product->c.stride * sizeof(*c);
    bool whole = rows == ROWS && cols == COLS;
    part p = {.right = cols > HALF, .below = rows > HALF};

    if (r->start == 0.0f) {
        sums_zero();
    } else if (whole && r->start == 1.0f && r->filled > 0) {
        sums_load(c, row);
    } else {
        take_results(r, c, rows, cols, block);
        sums_load(block[0], ROW_BYTES);
    }
    sums_add(r, p, a, b, next);
    if (whole && r->scale == 1.0f) {
        sums_store(p, c, row);
    } else {
        sums_store(p, block[0], ROW_BYTES);
        give_results(r, c, rows, cols, block);
    }
}

#endif

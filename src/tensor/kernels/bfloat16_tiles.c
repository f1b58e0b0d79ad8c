/* bfloat16_tiles.c - blocks of products in bfloat16, by tiles: two by two of results, from two
 * of rows and two of columns. */
#include "bfloat16_block.h"
#include "tile.h"

enum {
    HALF = 16,                     /* rows or columns of a tile */
    ROW_BYTES = BFLOAT16_COLS * 4, /* of a block of results that is written beside c */
    GROUP_SIZE = HALF * GROUP      /* numbers of a tile of factors */
};

/* ---- factors ---- */

/* [depth] numbers of a row, zeros up to a whole group behind them. */
static void round_row(const float *from, int depth, int groups, bfloat16_number *to)
{
    for (int k = 0; k < depth; k++)
        to[k] = (bfloat16_number)(bfloat16_bits(from[k]) >> 16);
    memset(to + depth, 0, (size_t)(groups * GROUP - depth) * sizeof(*to));
}

/* As [BFLOAT16_ROWS, depth]: a tile has 16 rows of one group. */
void KERNEL(bfloat16_lay_rows)(const bfloat16_run *r, int at, int rows, bfloat16_number *to)
{
    float turned[BFLOAT16_ROWS * BFLOAT16_RUN];
    size_t step = (size_t)r->groups * GROUP;
    matrix a = r->product->a;

    if (r->product->a_turned)
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(a, r->from, r->depth), at, rows), turned, r->depth);
    for (int i = 0; i < rows; i++)
        round_row(r->product->a_turned ? turned + (size_t)i * (size_t)r->depth
                                       : matrix_row(a, at + i) + r->from,
                  r->depth, r->groups, to + (size_t)i * step);
    memset(to + (size_t)rows * step, 0, (size_t)(BFLOAT16_ROWS - rows) * step * sizeof(*to));
}

/* Two inner indices of 16 columns. */
static void round_pair(const float *even, const float *odd, bfloat16_number *to)
{
    uint32_t both[HALF];

    for (int c = 0; c < HALF; c++)
        both[c] = bfloat16_bits(even[c]) >> 16 | bfloat16_bits(odd[c]);
    memcpy(to, both, sizeof(both));
}

/* As [2, depth / 2, 16, 2], the first being halves of the columns: a tile has the 16 pairs of
 * inner indices of a group. */
void KERNEL(bfloat16_lay_cols)(const bfloat16_run *r, int at, int cols, bfloat16_number *to)
{
    float straight[BFLOAT16_RUN * BFLOAT16_COLS];
    int depth = r->groups * GROUP;
    matrix b = r->product->b;

    if (cols < BFLOAT16_COLS || r->depth < depth)
        memset(straight, 0, (size_t)depth * BFLOAT16_COLS * sizeof(*straight));
    if (r->product->b_turned)
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(b, at, cols), r->from, r->depth), straight, BFLOAT16_COLS);
    else for (int k = 0; k < r->depth; k++)
        memcpy(straight + (size_t)k * BFLOAT16_COLS, matrix_row(b, r->from + k) + at,
               (size_t)cols * sizeof(*straight));
    for (int half = 0; half < 2; half++)
        for (int k = 0; k < depth; k += 2, to += 2 * HALF) {
            const float *even = straight + (size_t)k * BFLOAT16_COLS + half * HALF;
            round_pair(even, even + BFLOAT16_COLS, to);
        }
}

/* ---- results ---- */

/* start * c where there is a c, and zeros where there is none. */
static void take_results(const bfloat16_run *r, const float *c, int rows, int cols,
                         float block[BFLOAT16_ROWS][BFLOAT16_COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    memset(block, 0, BFLOAT16_ROWS * ROW_BYTES);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < cols; k++)
            block[i][k] = r->start * c[(size_t)i * stride + (size_t)k];
}

static void give_results(const bfloat16_run *r, float *c, int rows, int cols,
                         float block[BFLOAT16_ROWS][BFLOAT16_COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i++)
        for (int k = 0; k < cols; k++)
            c[(size_t)i * stride + (size_t)k] = r->scale * block[i][k];
}

/* Tiles 0 to 3 are the sums, row by row. */
static void add_groups(const bfloat16_run *r, const bfloat16_number *a,
                       const bfloat16_number *b)
{
    size_t step = (size_t)r->groups * GROUP, row = step * sizeof(*a);
    const bfloat16_number *below = a + HALF * step, *right = b + HALF * step;

    for (int g = 0; g < r->groups; g++) {
        tile_load(4, a, row);
        tile_load(6, b, TILE_BYTES);
        tile_multiply_add(0, 4, 6);
        tile_load(7, right, TILE_BYTES);
        tile_multiply_add(1, 4, 7);
        tile_load(5, below, row);
        tile_multiply_add(2, 5, 6);
        tile_multiply_add(3, 5, 7);
        a += GROUP;
        below += GROUP;
        b += GROUP_SIZE;
        right += GROUP_SIZE;
    }
}

static void load_all(const float *block)
{
    const float *below = block + HALF * BFLOAT16_COLS;

    tile_load(0, block, ROW_BYTES);
    tile_load(1, block + HALF, ROW_BYTES);
    tile_load(2, below, ROW_BYTES);
    tile_load(3, below + HALF, ROW_BYTES);
}

static void store_all(float *c, size_t row)
{
    float *below = c + HALF * (row / sizeof(*c));

    tile_store(0, c, row);
    tile_store(1, c + HALF, row);
    tile_store(2, below, row);
    tile_store(3, below + HALF, row);
}

void KERNEL(bfloat16_multiply)(const bfloat16_run *r, const bfloat16_number *a,
                               const bfloat16_number *b, float *c, int rows, int cols)
{
    float block[BFLOAT16_ROWS][BFLOAT16_COLS];
    bool whole = rows == BFLOAT16_ROWS && cols == BFLOAT16_COLS && r->scale == 1.0f;

    if (r->start == 0.0f) {
        tile_zero(0);
        tile_zero(1);
        tile_zero(2);
        tile_zero(3);
    } else {
        take_results(r, c, rows, cols, block);
        load_all(&block[0][0]);
    }
    add_groups(r, a, b);
    store_all(whole ? c : &block[0][0],
              whole ? (size_t)r->product->c.stride * sizeof(*c) : ROW_BYTES);
    if (!whole)
        give_results(r, c, rows, cols, block);
}

uint64_t KERNEL(bfloat16_begin)(void)
{
    tiles_begin();
    return denormals_flush();
}

void KERNEL(bfloat16_end)(uint64_t before)
{
    denormals_restore(before);
    tiles_end();
}

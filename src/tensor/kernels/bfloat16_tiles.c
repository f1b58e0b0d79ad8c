/* bfloat16_tiles.c - blocks of products in bfloat16, by tiles: two by two of results, from two
 * of rows and two of columns. */
#include "bfloat16_lay.h"
#include "tile.h"

enum {
    HALF = TILE_LINES, /* rows or columns of a tile */
    ROWS = 2 * HALF,   /* of a block, as there are columns */
    COLS = 2 * HALF,
    ROW_BYTES = COLS * 4,        /* of a block of results that is written beside c, and of
                                     the columns' pairs */
    GROUP_PAIRS = TILE_GROUP / 2 /* of a row of a tile */
};

/* ---- factors, in pairs ---- */

/* As [ROWS, filled / 2]: a tile has 16 rows of one group. */
static void lay_block(const bfloat16_run *r, int at, int rows, float *to)
{
    float turned[ROWS * BFLOAT16_RUN];
    size_t row = (size_t)r->filled / 2;
    matrix a = r->product->a;

    if (r->product->a_turned)
        KERNEL(block_turn)
    (matrix_cols(matrix_rows(a, r->from, r->depth), at, rows), turned, r->depth);
    for (int i = 0; i < rows; i++)
        KERNEL(bfloat16_lay_row)
    (r->product->a_turned ? turned + (size_t)i * (size_t)r->depth
                          : matrix_row(a, at + i) + r->from,
     r->depth, r->filled, to + (size_t)i * row);
    memset(to + (size_t)rows * row, 0, (size_t)(ROWS - rows) * row * sizeof(*to));
}

static void lay_rows(const bfloat16_run *r, int at, int rows, void *to)
{
    float *block = to;

    for (int i = 0; i < rows; i += ROWS, block += ROWS * r->filled / 2)
        lay_block(r, at + i, at_most(rows - i, ROWS), block);
}

/* ---- results ---- */

/* start * c where there is a c, and zeros where there is none. */
static void take_results(const bfloat16_run *r, const float *c, int rows, int cols,
                         float block[ROWS][COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    memset(block, 0, ROWS * ROW_BYTES);
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < cols; k++)
            block[i][k] = r->start * c[(size_t)i * stride + (size_t)k];
}

static void give_results(const bfloat16_run *r, float *c, int rows, int cols,
                         float block[ROWS][COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i++)
        for (int k = 0; k < cols; k++)
            c[(size_t)i * stride + (size_t)k] = r->scale * block[i][k];
}

/* Tiles 0 to 3 are the sums, row by row. One of columns has the 16 pairs of inner indices of a
 * group, in every second line of memory. */
static void add_groups(const bfloat16_run *r, const float *a, const float *b)
{
    size_t step = (size_t)r->filled / 2, row = step * sizeof(*a);
    const float *below = a + HALF * step, *right = b + HALF;

    for (int k = 0; k < r->filled; k += TILE_GROUP) {
        tile_load(4, a, row);
        tile_load(6, b, ROW_BYTES);
        tile_multiply_add(0, 4, 6);
        tile_load(7, right, ROW_BYTES);
        tile_multiply_add(1, 4, 7);
        tile_load(5, below, row);
        tile_multiply_add(2, 5, 6);
        tile_multiply_add(3, 5, 7);
        a += GROUP_PAIRS;
        below += GROUP_PAIRS;
        b += GROUP_PAIRS * COLS;
        right += GROUP_PAIRS * COLS;
    }
}

static void load_all(const float *block)
{
    const float *below = block + HALF * COLS;

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

static void multiply_block(const bfloat16_run *r, const float *a, const float *b, float *c,
                           int rows, int cols)
{
    float block[ROWS][COLS];
    bool whole = rows == ROWS && cols == COLS && r->scale == 1.0f;

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

static void multiply(const bfloat16_run *r, const void *a, const void *b, float *c, int rows,
                     int cols)
{
    const float *block = a;

    for (int i = 0; i < rows; i += ROWS, block += ROWS * r->filled / 2)
        multiply_block(r, block, b, c + (size_t)i * (size_t)r->product->c.stride,
                       at_most(rows - i, ROWS), cols);
}

static const bfloat16_order tiles = {.group = TILE_GROUP,
                                     .rows = ROWS,
                                     .cols = COLS,
                                     .number = sizeof(uint16_t),
                                     .lay_rows = lay_rows,
                                     .lay_cols = KERNEL(bfloat16_lay_cols),
                                     .begin = tiles_begin,
                                     .end = tiles_end,
                                     .multiply = multiply};

void KERNEL(tiles_product)(const product *p)
{
    KERNEL(bfloat16_product)(&tiles, p);
}

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

/* Blocks of rows as [ROWS, filled / 2]: a tile has 16 rows of one group. */
static void lay_straight(const bfloat16_run *r, int at, int rows, float *to)
{
    size_t row = (size_t)r->filled / 2;

    for (int i = 0; i < rows; i++, to += row)
        KERNEL(bfloat16_lay_row)(r, r->product->a, at + i, to);
    if (rows % ROWS > 0)
        memset(to, 0, (size_t)(ROWS - rows % ROWS) * row * sizeof(*to));
}

/* Group by group, for which rows of a are read from end to end. */
static void lay_turned(const bfloat16_run *r, int at, int rows, float *to)
{
    float pairs[GROUP_PAIRS * ROWS];

    for (int k = 0; k < r->filled; k += TILE_GROUP) {
        bfloat16_run group = bfloat16_group(r, k);
        float *block = to + k / 2;
        for (int i = 0; i < rows; i += ROWS, block += ROWS * r->filled / 2) {
            KERNEL(bfloat16_lay_straight)
            (&group, r->product->a, at + i, at_most(rows - i, ROWS), pairs);
            KERNEL(block_turn)(matrix_view(pairs, GROUP_PAIRS, ROWS), block, r->filled / 2);
        }
    }
}

static void lay_rows(const bfloat16_run *r, int at, int rows, void *to)
{
    (r->product->a_turned ? lay_turned : lay_straight)(r, at, rows, to);
}

/* ---- results ---- */

/* How many of `cols` the vector has that begins with column k. */
static inline int columns_from(int k, int cols)
{
    return cols < k ? 0 : at_most(cols - k, LANES);
}

/* start * c where there is a c, and zeros where there is none. */
static void take_results(const bfloat16_run *r, const float *c, int rows, int cols,
                         float block[ROWS][COLS])
{
    size_t stride = (size_t)r->product->c.stride;

    for (int i = 0; i < rows; i++, c += stride)
        for (int k = 0; k < COLS; k += LANES)
            lanes_store(block[i] + k, r->start * lanes_load_some(c + k, columns_from(k, cols)));
    memset(block[rows], 0, (size_t)(ROWS - rows) * ROW_BYTES);
}

static void give_results(const bfloat16_run *r, float *c, int rows, int cols,
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

static void sums_zero(void)
{
    tile_zero(0);
    tile_zero(1);
    tile_zero(2);
    tile_zero(3);
}

/* `row`: bytes from row to row. */
static void sums_load(const float *c, size_t row)
{
    const float *below = c + HALF * (row / sizeof(*c));

    tile_load(0, c, row);
    tile_load(1, c + HALF, row);
    tile_load(2, below, row);
    tile_load(3, below + HALF, row);
}

static void sums_store(part p, float *c, size_t row)
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

/* The results that come next: their lines of memory are fetched meanwhile, for which stores
 * would wait. */
typedef struct ahead {
    const float *c;
    int rows;
} ahead;

static inline void fetch_rows(const bfloat16_run *r, ahead *next, int rows)
{
    for (; rows > 0 && next->rows > 0; rows--, next->rows--) {
        tile_fetch(next->c);
        tile_fetch(next->c + HALF);
        next->c += r->product->c.stride;
    }
}

/* From one row of a to the next, where it stands or was laid. */
static inline size_t row_step(const bfloat16_run *r)
{
    return r->a_row > 0 ? r->a_row : (size_t)r->filled / 2;
}

/* A tile of columns has the 16 pairs of inner indices of a group, in every second line of
 * memory. */
static void sums_add(const bfloat16_run *r, part p, const float *a, const float *b, ahead next)
{
    size_t step = row_step(r), row = step * sizeof(*a);
    int groups = r->filled / TILE_GROUP,
        fetched = groups == 0 ? 0 : (ROWS + groups - 1) / groups;

    for (int k = 0; k < r->filled; k += TILE_GROUP) {
        fetch_rows(r, &next, fetched);
        tile_load(4, a, row);
        tile_load(6, b, ROW_BYTES);
        tile_multiply_add(0, 4, 6);
        if (p.right) {
            tile_load(7, b + HALF, ROW_BYTES);
            tile_multiply_add(1, 4, 7);
        }
        if (p.below) {
            tile_load(5, a + HALF * step, row);
            tile_multiply_add(2, 5, 6);
            if (p.right)
                tile_multiply_add(3, 5, 7);
        }
        a += GROUP_PAIRS;
        b += GROUP_PAIRS * COLS;
    }
}

static void multiply_block(const bfloat16_run *r, const float *a, const float *b, float *c,
                           int rows, int cols, ahead next)
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

static void multiply(const bfloat16_run *r, const void *a, const void *b, float *c, int rows,
                     int cols)
{
    const float *block = a;
    size_t stride = (size_t)r->product->c.stride;

    for (; rows > 0; rows -= ROWS, block += ROWS * row_step(r), c += ROWS * stride) {
        ahead next = {c + ROWS * stride, at_most(rows - ROWS, ROWS)};
        multiply_block(r, block, b, c, at_most(rows, ROWS), cols, next);
    }
}

static const bfloat16_order laid = {.group = TILE_GROUP,
                                    .rows = ROWS,
                                    .cols = COLS,
                                    .number = sizeof(uint16_t),
                                    .lay_rows = lay_rows,
                                    .lay_cols = KERNEL(bfloat16_lay_cols),
                                    .begin = tiles_begin,
                                    .end = tiles_end,
                                    .multiply = multiply};

/* Whole blocks of rows whose groups are whole can be read where they stand, but for rows a
 * page apart, which would take each other's place in the first cache. */
static int rows_in_place(const product *p)
{
    enum { PAGE = 4096 / sizeof(float) };
    bool whole = p->a.rounded && !p->a_turned && factor_width(p->a) % TILE_GROUP == 0;

    return whole && p->a.floats.stride % PAGE != 0 ? p->c.rows / ROWS * ROWS : 0;
}

static void multiply_rows(const bfloat16_order *order, product p, int first, int rows)
{
    p.a = factor_rows(p.a, first, rows);
    p.c = matrix_rows(p.c, first, rows);
    KERNEL(bfloat16_product)(order, &p);
}

void KERNEL(tiles_product)(const product *p)
{
    bfloat16_order in_place = laid;
    int rows = rows_in_place(p);

    in_place.in_place = true;
    if (rows > 0)
        multiply_rows(&in_place, *p, 0, rows);
    if (rows == 0)
        KERNEL(bfloat16_product)(&laid, p);
    else if (rows < p->c.rows)
        multiply_rows(&laid, *p, rows, p->c.rows - rows);
}

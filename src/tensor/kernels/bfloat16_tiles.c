/* bfloat16_tiles.c - products in bfloat16 by tiles: rows and columns are laid for a run, and
 * multiplied block by block. */
#include "bfloat16_lay.h"
#include "bfloat16_tile_block.h"

/* Bytes of columns and of rows that are laid for a run, and of columns that stay in the second
 * cache while rows go by; vectors that end there may be written in whole. */
enum { COLS_BYTES = 1048576, ROWS_BYTES = 393216, NEAR_BYTES = 524288, SLACK = 64 };

/* Inner indices of a run at most: results pass through the caches once a run. */
enum { RUN = 512, RUN_LAID = 1024 };

/* ---- factors, in pairs ---- */

/* Blocks of rows are laid as [groups, ROWS, GROUP_PAIRS]. */
enum { LAID_GROUP_STEP = ROWS * GROUP_PAIRS };

static inline float *laid_row(const bfloat16_run *r, int row, float *to)
{
    return to + (size_t)(row / ROWS) * ROWS * (size_t)(r->filled / 2) +
           row % ROWS * GROUP_PAIRS;
}

static void lay_straight(const bfloat16_run *r, int at, int rows, float *to)
{
    factor a = r->product->a;

    for (int i = 0; i < rows; i += ROWS) {
        int some = at_most(rows - i, ROWS), all = some > HALF ? ROWS : HALF;
        float *block = laid_row(r, i, to), *rest = block + some * GROUP_PAIRS;
        KERNEL(bfloat16_lay_rows)(r, a, at + i, some, block, GROUP_PAIRS, LAID_GROUP_STEP);
        for (int k = 0; k < r->filled && some < all; k += TILE_GROUP, rest += LAID_GROUP_STEP)
            memset(rest, 0, (size_t)(all - some) * GROUP_PAIRS * sizeof(*rest));
    }
}

/* Group by group, for which rows of a are read from end to end. */
static void lay_turned(const bfloat16_run *r, int at, int rows, float *to)
{
    float room[GROUP_PAIRS * ROWS];
    matrix pairs = matrix_view(room, GROUP_PAIRS, ROWS);
    factor a = r->product->a;

    for (int k = 0; k < r->filled; k += TILE_GROUP) {
        bfloat16_run group = bfloat16_part(r, k, TILE_GROUP);
        for (int i = 0; i < rows; i += ROWS) {
            float *block = laid_row(r, i, to) + k / TILE_GROUP * LAID_GROUP_STEP;
            KERNEL(bfloat16_lay_straight)(&group, a, at + i, at_most(rows - i, ROWS), room);
            KERNEL(block_turn)(pairs, block, GROUP_PAIRS);
        }
    }
}

static void lay_rows(const bfloat16_run *r, int at, int rows, void *to)
{
    (r->product->a_turned ? lay_turned : lay_straight)(r, at, rows, to);
}

/* Columns [first, first + cols) of b as blocks of [groups * GROUP_PAIRS, COLS]; group by group
 * where rows of b are then read from end to end. */
static void lay_cols(const bfloat16_run *r, int first, int cols, float *to)
{
    int step = r->product->b_turned ? BFLOAT16_RUN : TILE_GROUP;

    for (int k = 0; k < r->filled; k += step) {
        bfloat16_run part = bfloat16_part(r, k, step);
        float *block = to + (size_t)(k / 2) * COLS;
        for (int at = 0; at < cols; at += COLS, block += (size_t)(r->filled / 2) * COLS)
            KERNEL(bfloat16_lay_cols)(&part, first + at, at_most(cols - at, COLS), block);
    }
}

/* ---- runs ---- */

/* Columns [first, end) of a run, laid: from one block of them to the next `block` floats. */
typedef struct col_pairs {
    int first, end;
    const float *at;
    size_t block;
} col_pairs;

/* Of a run `most` rows or columns, or as many whole blocks of either as there is room for in so
 * many bytes. */
static int fit(const bfloat16_run *r, int most, int bytes)
{
    int block = r->filled * COLS * (int)sizeof(uint16_t), blocks = (most + COLS - 1) / COLS;

    if ((int64_t)block * blocks <= bytes)
        return most;
    return bytes / block * COLS;
}

static row_pairs rows_at(const bfloat16_run *r, int first, const float *laid)
{
    if (r->a_row > 0)
        return (row_pairs){matrix_row(r->product->a.floats, first) + r->from / 2, r->a_row,
                           GROUP_PAIRS};
    return (row_pairs){laid, GROUP_PAIRS, LAID_GROUP_STEP};
}

/* Results are fetched so many groups before they are stored. */
enum { GROUPS_AHEAD = 8 };

/* The same in columns of whole blocks. */
static int cols_ahead(const bfloat16_run *r)
{
    int groups = r->filled / TILE_GROUP;

    return groups == 0 ? COLS : (GROUPS_AHEAD + groups - 1) / groups * COLS;
}

/* Results of column `at` in rows [first, end), or in the rows below where these have no
 * more. */
static inline results_ahead ahead_at(const bfloat16_run *r, const col_pairs *b, int at,
                                     int first, int end)
{
    if (at >= b->end) {
        at += b->first - b->end;
        first += ROWS;
    }
    if (first >= end || at >= b->end)
        return (results_ahead){NULL, 0};
    return (results_ahead){matrix_row(r->product->c, first) + at, at_most(end - first, ROWS)};
}

/* The rows of a block, the first of [first, end), times all columns, whose results are written
 * from end to end. */
static void multiply_rows(const bfloat16_run *r, const row_pairs *a, const col_pairs *b,
                          int first, int end)
{
    float *c = matrix_row(r->product->c, first);
    const float *block = b->at;
    int rows = at_most(end - first, ROWS), ahead = cols_ahead(r);

    for (int at = b->first; at < b->end; at += COLS, block += b->block)
        tile_block(r, a, block, c + at, rows, at_most(b->end - at, COLS),
                   ahead_at(r, b, at + ahead, first, end));
}

/* Some columns times all rows, strip by strip of what is laid, and by as many columns as stay
 * near. */
static void multiply_cols(const bfloat16_run *r, const col_pairs *all)
{
    unsigned char room[ROWS_BYTES + SLACK] __attribute__((aligned(64)));
    int count = r->product->c.rows, strip = fit(r, count, ROWS_BYTES),
        near = fit(r, all->end - all->first, NEAR_BYTES);

    for (int first = 0; first < count; first += strip) {
        int rows = at_most(count - first, strip);
        if (r->a_row == 0)
            lay_rows(r, first, rows, room);
        col_pairs some = *all;
        for (; some.first < all->end;
             some.first = some.end, some.at += (size_t)(near / COLS) * some.block) {
            some.end = some.first + at_most(all->end - some.first, near);
            for (int i = 0; i < rows; i += ROWS) {
                row_pairs a = rows_at(r, first + i, laid_row(r, i, (float *)room));
                multiply_rows(r, &a, &some, first + i, first + rows);
            }
        }
    }
}

/* The columns from `first` on that are laid already or, into `room`, now. */
static col_pairs cols_from(const bfloat16_run *r, int first, float *room)
{
    const laid_factor *laid = &r->product->b_laid;
    const float *at = bfloat16_laid(r, first);
    int end = r->product->c.cols;

    if (at != NULL)
        return (col_pairs){first, at_most(end, laid->cols), at, laid->panel};
    int cols = fit(r, end - first, COLS_BYTES);
    lay_cols(r, first, cols, room);
    return (col_pairs){first, first + cols, room, (size_t)(r->filled / 2) * COLS};
}

static void run(const bfloat16_run *r)
{
    unsigned char room[COLS_BYTES + SLACK] __attribute__((aligned(64)));
    col_pairs some = {.end = 0};

    while (some.end < r->product->c.cols) {
        some = cols_from(r, some.end, (float *)room);
        multiply_cols(r, &some);
    }
}

/* A block of rows times few numbers, as of one head of attention, without what large products
 * need: a tenth of so small a one. */
enum { SMALL_DEPTH = 64 };

static bool is_small(const bfloat16_run *r)
{
    return r->product->c.rows <= ROWS && r->filled <= SMALL_DEPTH && r->a_row == 0 &&
           r->product->b_laid.depth == 0;
}

static void run_small(const bfloat16_run *r)
{
    float a[ROWS * SMALL_DEPTH / 2] __attribute__((aligned(64))),
        b[SMALL_DEPTH / 2 * COLS] __attribute__((aligned(64)));
    matrix c = r->product->c;
    const row_pairs rows = {a, GROUP_PAIRS, LAID_GROUP_STEP};

    lay_rows(r, 0, c.rows, a);
    for (int at = 0; at < c.cols; at += COLS) {
        int cols = at_most(c.cols - at, COLS);
        KERNEL(bfloat16_lay_cols)(r, at, cols, b);
        tile_block(r, &rows, b, c.data + at, c.rows, cols, (results_ahead){NULL, 0});
    }
}

static void run_any(const bfloat16_run *r)
{
    (is_small(r) ? run_small : run)(r);
}

/* Whole blocks of rows whose groups are whole can be read where they stand. By laid columns
 * alone: others would be laid once more for the rows that are left. */
static int rows_in_place(const product *p)
{
    bool whole = p->a.rounded && !p->a_turned && factor_width(p->a) % TILE_GROUP == 0;

    return whole && p->b_laid.depth > 0 ? p->c.rows / ROWS * ROWS : 0;
}

static void multiply_some(const bfloat16_order *order, product p, int first, int rows)
{
    p.a = factor_rows(p.a, first, rows);
    p.c = matrix_rows(p.c, first, rows);
    KERNEL(bfloat16_product)(order, &p);
}

void KERNEL(tiles_product)(const product *p)
{
    static const bfloat16_order laid = {.group = TILE_GROUP,
                                        .most = RUN,
                                        .most_laid = RUN_LAID,
                                        .begin = tiles_begin,
                                        .run = run_any};
    bfloat16_order in_place = laid;
    int rows = rows_in_place(p);

    in_place.in_place = true;
    if (rows > 0)
        multiply_some(&in_place, *p, 0, rows);
    if (rows == 0)
        KERNEL(bfloat16_product)(&laid, p);
    else if (rows < p->c.rows)
        multiply_some(&laid, *p, rows, p->c.rows - rows);
}

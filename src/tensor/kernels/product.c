/* product.c - products of matrices of any shape, each sum in the order of its index. */
#include "block.h"

enum { OFTEN = 16 }; /* panels */

/* Rows of what is stored that are fetched ahead. */
enum { ROWS_AHEAD = 8 };

/* What inner indices [from, from + depth) give to rows [first, first + rows) of c. */
typedef struct strip {
    const product *product;
    int first, rows;
    int from, depth;
    block block; /* of its first rows and first panel */
} strip;

static int vectors_of(int cols)
{
    return (cols + LANES - 1) / LANES;
}

/* Columns [at, at + cols) of b by rows, zeros behind the last. */
static void turn_panel(const strip *s, int at, int cols, float *panel)
{
    matrix columns = matrix_rows(s->product->b.floats, at, cols);
    int step = vectors_of(cols) * LANES;

    for (int k = 0; cols < step && k < s->depth; k++)
        lanes_store(panel + (size_t)(k + 1) * (size_t)step - LANES, (lanes){0});
    KERNEL(block_turn)(matrix_cols(columns, s->from, s->depth), panel, step);
}

static void copy_panel(const strip *s, int at, int cols, float *panel)
{
    int whole = cols / LANES * LANES, step = vectors_of(cols) * LANES;

    for (int k = 0; k < s->depth; k++, panel += step) {
        const float *from = matrix_row(s->product->b.floats, s->from + k) + at;
        if (whole > 0)
            lanes_store(panel, lanes_load(from));
        lanes_store(panel + whole, lanes_load_some(from + whole, cols - whole));
    }
}

/* Whole vectors are read where they stand. Where there are many rows, those after the first
 * read a copy, whose lines of memory are one after another. */
static void lay_panel(strip *s, int at, int cols, float *panel)
{
    matrix b = s->product->b.floats;

    s->block.b = panel;
    s->block.b_step = vectors_of(cols) * LANES;
    s->block.b_kept = NULL;
    if (s->product->b_turned) {
        turn_panel(s, at, cols, panel);
    } else if (cols % LANES > 0) {
        copy_panel(s, at, cols, panel);
    } else {
        s->block.b = matrix_row(b, s->from) + at;
        s->block.b_step = b.stride;
        s->block.b_kept = cols == PANEL && s->rows > 2 * BLOCK_ROWS ? panel : NULL;
    }
}

static void multiply_panels(strip *s)
{
    float panel[BLOCK_DEPTH * PANEL];
    matrix c = s->product->c;

    for (int at = 0; at < c.cols; at += PANEL) {
        int cols = c.cols - at < PANEL ? c.cols - at : PANEL;
        lay_panel(s, at, cols, panel);
        s->block.c = matrix_row(c, s->first) + at;
        KERNEL(block_multiply)(&s->block, s->rows, cols);
    }
}

/* Rows of a that stand apart are put together where they are read often enough. */
static void multiply_straight(strip *s)
{
    float rows[STRIP_ROOM];
    matrix a = s->product->a.floats;
    bool together = s->product->c.cols >= OFTEN * PANEL && a.stride > s->depth;

    s->block.a = matrix_row(a, s->first) + s->from;
    s->block.a_stride = (size_t)a.stride;
    if (together) {
        for (int r = 0; r < s->rows; r++)
            memcpy(rows + (size_t)r * (size_t)s->depth, matrix_row(a, s->first + r) + s->from,
                   (size_t)s->depth * sizeof(*rows));
        s->block.a = rows;
        s->block.a_stride = (size_t)s->depth;
    }
    s->block.a_next = s->block.a_stride * BLOCK_ROWS;
    multiply_panels(s);
}

/* Blocks of rows of a that is stored by columns, [depth, BLOCK_ROWS] each. What is stored is
 * read row by row from end to end: one may stand far from the next. */
static void lay_rows(const strip *s, float *rows)
{
    matrix a = s->product->a.floats;

    for (int k = 0; k < s->depth; k++, rows += BLOCK_ROWS) {
        const float *from = matrix_row(a, s->from + k) + s->first;
        float *to = rows;
        for (int r = 0; r < s->rows; r += BLOCK_ROWS, to += (size_t)s->depth * BLOCK_ROWS) {
            __builtin_prefetch(from + r + ROWS_AHEAD * (size_t)a.stride);
            if (s->rows - r >= BLOCK_ROWS)
                memcpy(to, from + r, BLOCK_ROWS * sizeof(*to));
            else
                memcpy(to, from + r, (size_t)(s->rows - r) * sizeof(*to));
        }
    }
}

static void multiply_turned(strip *s)
{
    float rows[STRIP_ROOM];
    matrix a = s->product->a.floats;

    s->block.a = matrix_row(a, s->from) + s->first;
    s->block.a_turned = true;
    s->block.a_stride = (size_t)a.stride;
    s->block.a_next = BLOCK_ROWS;
    if (s->product->c.cols > 2 * PANEL) {
        lay_rows(s, rows);
        s->block.a = rows;
        s->block.a_stride = BLOCK_ROWS;
        s->block.a_next = (size_t)s->depth * BLOCK_ROWS;
    }
    multiply_panels(s);
}

/* Runs of the inner index, `most` long; one over none at all sets c, or scales it. */
static void multiply_strip(const product *p, int first, int rows, int depth, int most)
{
    int from = 0;

    do {
        int some = depth - from < most ? depth - from : most;
        strip s = {.product = p, .first = first, .rows = rows, .from = from, .depth = some};
        s.block = (block){.depth = some,
                          .start = from > 0 ? 1.0f : p->beta / p->alpha,
                          .scale = from + some == depth ? p->alpha : 1.0f,
                          .c_row = (size_t)p->c.stride};
        if (p->a_turned)
            multiply_turned(&s);
        else
            multiply_straight(&s);
        from += some;
    } while (from < depth);
}

void KERNEL(product)(const product *p)
{
    matrix a = p->a.floats;
    int depth = p->a_turned ? a.rows : a.cols, most = block_depth(depth);
    int rows = block_strip(most);

    for (int first = 0; first < p->c.rows; first += rows)
        multiply_strip(p, first, p->c.rows - first < rows ? p->c.rows - first : rows, depth,
                       most);
}

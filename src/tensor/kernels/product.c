/* product.c - products of matrices of any shape, each sum in the order of its index. */
#include "block.h"

/* Rows of a that stay in the second cache while the panels of b go by; a multiple of
 * BLOCK_ROWS. */
enum { STRIP_ROWS = 98304 / BLOCK_DEPTH / 12 * 12 };

enum { OFTEN = 16 }; /* panels */

/* Panels that are laid out together, and floats for each. */
enum { PANELS = 4, PANEL_ROOM = BLOCK_DEPTH * PANEL };

/* What inner indices [from, from + depth) give to rows [first, first + rows) of c. */
typedef struct strip {
    const product *product;
    int first, rows;
    int from, depth;
    block block; /* of its first rows and first panel */
} strip;

/* Columns [at, at + cols) of b, panel by panel, for the strip's inner indices. Neighbours go
 * together, whose lines of memory are one after another. */
static void copy_panels(const strip *s, int at, int cols, float *panels)
{
    int whole = cols / PANEL, left = cols % PANEL;
    float *last = panels + (size_t)whole * PANEL_ROOM;

    if (left > 0)
        memset(last, 0, (size_t)s->depth * PANEL * sizeof(*last));
    for (int k = 0; k < s->depth; k++) {
        const float *from = matrix_row(s->product->b, s->from + k) + at;
        float *to = panels + (size_t)k * PANEL;
        for (int p = 0; p < whole; p++, from += PANEL, to += PANEL_ROOM) {
            lanes_store(to, lanes_load(from));
            lanes_store(to + LANES, lanes_load(from + LANES));
        }
        if (left > 0)
            memcpy(to, from, (size_t)left * sizeof(*to));
    }
}

static void turn_panels(const strip *s, int at, int cols, float *panels)
{
    for (int first = 0; first < cols; first += PANEL, panels += PANEL_ROOM) {
        int some = cols - first < PANEL ? cols - first : PANEL;
        matrix columns = matrix_rows(s->product->b, at + first, some);
        if (some < PANEL)
            memset(panels, 0, (size_t)s->depth * PANEL * sizeof(*panels));
        KERNEL(block_turn)(matrix_cols(columns, s->from, s->depth), panels, PANEL);
    }
}

static void multiply_panels(strip *s)
{
    float panels[PANELS * PANEL_ROOM];
    matrix c = s->product->c;

    s->block.b_step = PANEL;
    for (int at = 0; at < c.cols; at += PANELS * PANEL) {
        int cols = c.cols - at < PANELS * PANEL ? c.cols - at : PANELS * PANEL;
        if (s->product->b_turned)
            turn_panels(s, at, cols, panels);
        else
            copy_panels(s, at, cols, panels);
        s->block.b = panels;
        for (int first = 0; first < cols; first += PANEL, s->block.b += PANEL_ROOM) {
            s->block.c = matrix_row(c, s->first) + at + first;
            KERNEL(block_multiply)
            (&s->block, s->rows, cols - first < PANEL ? cols - first : PANEL);
        }
    }
}

/* Rows of a that stand apart are put together where they are read often enough. */
static void multiply_straight(strip *s)
{
    float rows[STRIP_ROWS * BLOCK_DEPTH];
    matrix a = s->product->a;
    bool together = s->product->c.cols >= OFTEN * PANEL && a.stride > s->depth;

    s->block.a = matrix_row(a, s->first) + s->from;
    s->block.a_row = (size_t)a.stride;
    s->block.a_step = 1;
    if (together) {
        for (int r = 0; r < s->rows; r++)
            memcpy(rows + (size_t)r * (size_t)s->depth, matrix_row(a, s->first + r) + s->from,
                   (size_t)s->depth * sizeof(*rows));
        s->block.a = rows;
        s->block.a_row = (size_t)s->depth;
    }
    s->block.a_next = s->block.a_row * BLOCK_ROWS;
    multiply_panels(s);
}

/* a is stored by columns: what is multiplied together is put together. */
static void multiply_turned(strip *s)
{
    float rows[STRIP_ROWS * BLOCK_DEPTH];
    int whole = s->rows / BLOCK_ROWS, left = s->rows % BLOCK_ROWS;
    size_t next = (size_t)s->depth * BLOCK_ROWS;

    for (int k = 0; k < s->depth; k++) {
        const float *from = matrix_row(s->product->a, s->from + k) + s->first;
        float *to = rows + (size_t)k * BLOCK_ROWS;
        for (int b = 0; b < whole; b++, from += BLOCK_ROWS, to += next)
            memcpy(to, from, BLOCK_ROWS * sizeof(*to));
        if (left > 0)
            memcpy(to, from, (size_t)left * sizeof(*to));
    }
    s->block.a = rows;
    s->block.a_row = 1;
    s->block.a_step = BLOCK_ROWS;
    s->block.a_next = next;
    multiply_panels(s);
}

/* Runs of the inner index of about the same length; one over none at all sets c, or scales
 * it. */
static void multiply_strip(const product *p, int first, int rows)
{
    int depth = p->a_turned ? p->a.rows : p->a.cols, from = 0;

    do {
        int some = block_depth(depth - from);
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
    for (int first = 0; first < p->c.rows; first += STRIP_ROWS)
        multiply_strip(p, first,
                       p->c.rows - first < STRIP_ROWS ? p->c.rows - first : STRIP_ROWS);
}

/* row_product.c - rows times a packed matrix. */
#include "block.h"

/* Two panels of a single row: the sums of one alone would wait for each other. */
static void panel_pair(const row_product *p, const float *b, const float *c, float *y)
{
    lanes sum[4] = {{0}};

    for (int k = 0; k < p->depth; k++, b += PANEL, c += PANEL) {
        float factor = p->x[k];
        sum[0] = multiply_add_lanes(factor, lanes_load(b), sum[0]);
        sum[1] = multiply_add_lanes(factor, lanes_load(b + LANES), sum[1]);
        sum[2] = multiply_add_lanes(factor, lanes_load(c), sum[2]);
        sum[3] = multiply_add_lanes(factor, lanes_load(c + LANES), sum[3]);
    }
    for (int i = 0; i < 4; i++)
        lanes_store(y + (size_t)i * LANES, sum[i]);
}

/* What inner indices [from, from + depth) give to rows [first, first + rows). */
typedef struct run {
    const row_product *product;
    int first, rows;
    int from, depth;
} run;

/* The rows times one panel of `columns`. */
static void panel_whole(const run *r, const float *b, int columns, float *y, size_t y_stride)
{
    const row_product *p = r->product;
    const block block = {.a = p->x + (size_t)r->first * p->x_stride + r->from,
                         .a_stride = p->x_stride,
                         .a_next = p->x_stride * BLOCK_ROWS,
                         .b = b + (size_t)r->from * (size_t)columns,
                         .b_step = columns,
                         .depth = r->depth,
                         .start = r->from > 0 ? 1.0f : 0.0f,
                         .scale = 1.0f,
                         .c = y,
                         .c_row = y_stride};

    KERNEL(block_multiply)(&block, r->rows, columns);
}

static void copy_rows(const float *from, size_t from_stride, float *to, size_t to_stride,
                      int rows, int cols)
{
    for (int r = 0; r < rows; r++)
        memcpy(to + (size_t)r * to_stride, from + (size_t)r * from_stride,
               (size_t)cols * sizeof(*to));
}

/* Columns [from, to) of a panel alone, through a copy. */
static void panel_part(const run *r, const float *b, int columns, int from, int to, float *y)
{
    float whole[BLOCK_ROWS * PANEL] = {0};
    size_t y_stride = r->product->y_stride;
    run some = *r;

    for (int at = 0; at < r->rows; at += BLOCK_ROWS, y += y_stride * BLOCK_ROWS) {
        some.first = r->first + at;
        some.rows = r->rows - at < BLOCK_ROWS ? r->rows - at : BLOCK_ROWS;
        if (r->from > 0)
            copy_rows(y, y_stride, whole + from, PANEL, some.rows, to - from);
        panel_whole(&some, b, columns, whole, PANEL);
        copy_rows(whole + from, PANEL, y, y_stride, some.rows, to - from);
    }
}

static void run_multiply(const run *r)
{
    const row_product *p = r->product;
    size_t step = (size_t)p->depth * PANEL;
    int end = p->first + p->cols;
    const float *b = p->b;

    for (int at = 0; at < end; at += PANEL, b += step) {
        int width = p->columns - at < PANEL ? p->columns - at : PANEL;
        int from = p->first > at ? p->first - at : 0, to = end - at < width ? end - at : width;
        float *y = p->y + (size_t)r->first * p->y_stride + (at + from - p->first);
        if (to - from < width) {
            panel_part(r, b, width, from, to, y);
        } else if (p->rows == 1 && end - at >= 2 * PANEL) {
            panel_pair(p, b, b + step, y);
            at += PANEL;
            b += step;
        } else {
            panel_whole(r, b, width, y, p->y_stride);
        }
    }
}

/* Strip by strip, and of each run by run. */
static void multiply_rows(const row_product *p)
{
    int most = block_depth(p->depth), strip = block_strip(most);
    run r = {.product = p};

    for (; r.first < p->rows; r.first += r.rows) {
        r.rows = p->rows - r.first < strip ? p->rows - r.first : strip;
        for (r.from = 0; r.from < p->depth; r.from += r.depth) {
            r.depth = p->depth - r.from < most ? p->depth - r.from : most;
            run_multiply(&r);
        }
    }
}

void KERNEL(row_product)(const row_product *p)
{
    if (p->rows == 1)
        run_multiply(&(run){.product = p, .rows = 1, .depth = p->depth});
    else
        multiply_rows(p);
}

void KERNEL(panel_pack)(matrix w, float *packed)
{
    for (int at = 0; at < w.rows; at += PANEL) {
        int width = w.rows - at < PANEL ? w.rows - at : PANEL;
        KERNEL(block_turn)
        (matrix_rows(w, at, width), packed + (size_t)at * (size_t)w.cols, width);
    }
}

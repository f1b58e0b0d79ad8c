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

/* All rows times one panel of `columns`, run by run of the inner index. */
static void panel_whole(const row_product *p, const float *b, int columns, float *y,
                        size_t y_stride)
{
    for (int from = 0, some; from < p->depth; from += some) {
        some = block_depth(p->depth - from);
        const block block = {.a = p->x + from,
                             .a_row = p->x_stride,
                             .a_step = 1,
                             .a_next = p->x_stride * BLOCK_ROWS,
                             .b = b + (size_t)from * (size_t)columns,
                             .b_step = columns,
                             .depth = some,
                             .start = from > 0 ? 1.0f : 0.0f,
                             .scale = 1.0f,
                             .c = y,
                             .c_row = y_stride};
        KERNEL(block_multiply)(&block, p->rows, columns);
    }
}

/* Columns [from, to) of a panel alone, through a copy. */
static void panel_part(const row_product *p, const float *b, int columns, int from, int to,
                       float *y)
{
    float whole[BLOCK_ROWS * PANEL];
    row_product some = *p;

    for (int first = 0; first < p->rows; first += BLOCK_ROWS) {
        some.x = p->x + (size_t)first * p->x_stride;
        some.rows = p->rows - first < BLOCK_ROWS ? p->rows - first : BLOCK_ROWS;
        panel_whole(&some, b, columns, whole, PANEL);
        for (int r = 0; r < some.rows; r++)
            memcpy(y + (size_t)(first + r) * p->y_stride, whole + r * PANEL + from,
                   (size_t)(to - from) * sizeof(float));
    }
}

void KERNEL(row_product)(const row_product *p)
{
    size_t step = (size_t)p->depth * PANEL;
    int end = p->first + p->cols;
    const float *b = p->b;

    for (int at = 0; at < end; at += PANEL, b += step) {
        int width = p->columns - at < PANEL ? p->columns - at : PANEL;
        int from = p->first > at ? p->first - at : 0, to = end - at < width ? end - at : width;
        float *y = p->y + (at + from - p->first);
        if (to - from < width) {
            panel_part(p, b, width, from, to, y);
        } else if (p->rows == 1 && end - at >= 2 * PANEL) {
            panel_pair(p, b, b + step, y);
            at += PANEL;
            b += step;
        } else {
            panel_whole(p, b, width, y, p->y_stride);
        }
    }
}

void KERNEL(panel_pack)(matrix w, float *packed)
{
    for (int at = 0; at < w.rows; at += PANEL) {
        int width = w.rows - at < PANEL ? w.rows - at : PANEL;
        KERNEL(block_turn)
        (matrix_rows(w, at, width), packed + (size_t)at * (size_t)w.cols, width);
    }
}

/* bfloat16_strips.c - a run of a product in bfloat16, strip by strip of rows. */
#include "bfloat16_strips.h"

/* Bytes of rows that stay in the second cache while the columns go by; vectors that end there
 * may be written in whole. */
enum { STRIP_BYTES = 393216, SLACK = 64 };

/* Rows [first, first + rows), laid in `room` or read where they stand. */
static const void *laid_rows(const bfloat16_run *run, const bfloat16_blocks *blocks, int first,
                             int rows, void *room)
{
    if (run->a_row > 0)
        return matrix_row(run->product->a.floats, first) + run->from / 2;
    blocks->lay_rows(run, first, rows, room);
    return room;
}

/* Rows [first, first + rows) of a run. */
static void multiply_strip(const bfloat16_run *run, const bfloat16_blocks *blocks, int first,
                           int rows)
{
    unsigned char a[STRIP_BYTES + SLACK] __attribute__((aligned(64))),
        b[BFLOAT16_RUN * BFLOAT16_COLS * sizeof(float)] __attribute__((aligned(64)));
    matrix c = run->product->c;
    const void *lines = laid_rows(run, blocks, first, rows, a);

    for (int at = 0; at < c.cols; at += blocks->cols) {
        int cols = at_most(c.cols - at, blocks->cols);
        const void *columns = bfloat16_laid(run, at);
        if (columns == NULL) {
            blocks->lay_cols(run, at, cols, b);
            columns = b;
        }
        blocks->multiply(run, lines, columns, matrix_row(c, first) + at, rows, cols);
    }
}

/* More rows fit of a run that is short. */
static int strip_rows(const bfloat16_run *run, const bfloat16_blocks *blocks)
{
    size_t block = blocks->number * (size_t)(run->filled * blocks->rows);

    return block == 0 ? run->product->c.rows : (int)(STRIP_BYTES / block) * blocks->rows;
}

void KERNEL(bfloat16_strips)(const bfloat16_run *r, const bfloat16_blocks *blocks)
{
    int rows = r->product->c.rows, strip = strip_rows(r, blocks);

    for (int first = 0; first < rows; first += strip)
        multiply_strip(r, blocks, first, at_most(rows - first, strip));
}

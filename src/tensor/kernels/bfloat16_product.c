/* bfloat16_product.c - products of matrices in bfloat16. */
#include "bfloat16_block.h"

/* Bytes of rows that stay in the second cache while the columns go by; vectors that end there
 * may be written in whole. */
enum { STRIP_BYTES = 393216, SLACK = 64 };

/* The columns from `at` on, where they are laid already. */
static const void *laid_cols(const bfloat16_run *run, int at)
{
    const laid_factor *b = &run->product->b_laid;

    if (run->from >= b->depth || b->cols - at < BFLOAT16_COLS)
        return NULL;
    return b->pairs + (size_t)(at / BFLOAT16_COLS) * b->panel +
           (size_t)(run->from / 2) * BFLOAT16_COLS;
}

/* Rows [first, first + rows), laid in `room` or read where they stand. */
static const void *laid_rows(const bfloat16_run *run, int first, int rows, void *room)
{
    if (run->a_row > 0)
        return matrix_row(run->product->a.floats, first) + run->from / 2;
    run->order->lay_rows(run, first, rows, room);
    return room;
}

/* Rows [first, first + rows) of a run. */
static void multiply_strip(const bfloat16_run *run, int first, int rows)
{
    const bfloat16_order *order = run->order;
    unsigned char a[STRIP_BYTES + SLACK] __attribute__((aligned(64))),
        b[BFLOAT16_RUN * BFLOAT16_COLS * sizeof(float)] __attribute__((aligned(64)));
    matrix c = run->product->c;
    const void *lines = laid_rows(run, first, rows, a);

    for (int at = 0; at < c.cols; at += order->cols) {
        int cols = at_most(c.cols - at, order->cols);
        const void *columns = laid_cols(run, at);
        if (columns == NULL) {
            order->lay_cols(run, at, cols, b);
            columns = b;
        }
        order->multiply(run, lines, columns, matrix_row(c, first) + at, rows, cols);
    }
}

/* More rows fit of a run that is short. */
static int strip_rows(const bfloat16_run *run)
{
    size_t block = run->order->number * (size_t)(run->filled * run->order->rows);

    return block == 0 ? run->product->c.rows : (int)(STRIP_BYTES / block) * run->order->rows;
}

/* A run over no inner index at all sets c, or scales it. */
static void multiply_runs(const bfloat16_order *order, const product *p)
{
    int depth = p->a_turned ? p->a.floats.rows : factor_width(p->a), from = 0;

    do {
        int laid = p->b_laid.depth - from, left = laid > 0 ? laid : depth - from;
        int some = at_most(left, BFLOAT16_RUN);
        bfloat16_run run = {.order = order,
                            .product = p,
                            .from = from,
                            .depth = some,
                            .filled = (some + order->group - 1) / order->group * order->group,
                            .start = from > 0 ? 1.0f : p->beta / p->alpha,
                            .scale = from + some == depth ? p->alpha : 1.0f};
        if (order->in_place && p->a.rounded && !p->a_turned)
            run.a_row = (size_t)p->a.floats.stride;
        int strip = strip_rows(&run);
        for (int first = 0; first < p->c.rows; first += strip)
            multiply_strip(&run, first, at_most(p->c.rows - first, strip));
        from += some;
    } while (from < depth);
}

void KERNEL(bfloat16_product)(const bfloat16_order *order, const product *p)
{
    uint64_t before = denormals_flush();

    if (order->begin != NULL)
        order->begin();
    multiply_runs(order, p);
    if (order->end != NULL)
        order->end();
    denormals_restore(before);
}

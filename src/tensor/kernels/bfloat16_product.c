/* bfloat16_product.c - products of matrices in bfloat16. */
#include "bfloat16_block.h"

/* Rows of which a run stays in the second cache. */
enum {
    STRIP = 393216 / BFLOAT16_RUN / (int)sizeof(bfloat16_number) / BFLOAT16_ROWS * BFLOAT16_ROWS
};

static inline int at_most(int count, int most)
{
    return count < most ? count : most;
}

/* Rows [first, first + rows) of a run. */
static void multiply_strip(const bfloat16_run *run, int first, int rows)
{
    bfloat16_number a[STRIP * BFLOAT16_RUN] __attribute__((aligned(64))),
        b[BFLOAT16_RUN * BFLOAT16_COLS] __attribute__((aligned(64)));
    size_t block = bfloat16_rows_size(run);
    matrix c = run->product->c;

    for (int r = 0; r < rows; r += BFLOAT16_ROWS)
        KERNEL(bfloat16_lay_rows)
    (run, first + r, at_most(rows - r, BFLOAT16_ROWS), a + (size_t)(r / BFLOAT16_ROWS) * block);
    for (int at = 0; at < c.cols; at += BFLOAT16_COLS) {
        int cols = at_most(c.cols - at, BFLOAT16_COLS);
        KERNEL(bfloat16_lay_cols)(run, at, cols, b);
        for (int r = 0; r < rows; r += BFLOAT16_ROWS)
            KERNEL(bfloat16_multiply)
        (run, a + (size_t)(r / BFLOAT16_ROWS) * block, b, matrix_row(c, first + r) + at,
         at_most(rows - r, BFLOAT16_ROWS), cols);
    }
}

/* A run over no inner index at all sets c, or scales it. */
static void multiply_runs(const product *p)
{
    int depth = p->a_turned ? p->a.rows : p->a.cols, from = 0;

    do {
        int some = at_most(depth - from, BFLOAT16_RUN);
        bfloat16_run run = {.product = p,
                            .from = from,
                            .depth = some,
                            .groups = (some + GROUP - 1) / GROUP,
                            .start = from > 0 ? 1.0f : p->beta / p->alpha,
                            .scale = from + some == depth ? p->alpha : 1.0f};
        /* More rows fit of a run that is short. */
        int strip = some > 0 ? STRIP * BFLOAT16_RUN / (run.groups * GROUP) / BFLOAT16_ROWS *
                                   BFLOAT16_ROWS
                             : p->c.rows;
        for (int first = 0; first < p->c.rows; first += strip)
            multiply_strip(&run, first, at_most(p->c.rows - first, strip));
        from += some;
    } while (from < depth);
}

void KERNEL(bfloat16_product)(const product *p)
{
    uint64_t before = KERNEL(bfloat16_begin)();

    multiply_runs(p);
    KERNEL(bfloat16_end)(before);
}

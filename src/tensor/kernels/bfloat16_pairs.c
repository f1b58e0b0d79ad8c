/* bfloat16_pairs.c - blocks of products in bfloat16, by AVX512_BF16's sums of pairs. */
#include "bfloat16_lay.h"
#include "bfloat16_strips.h"

/* As [blocks of rows, filled / 2, BLOCK_ROWS]. What a vector writes beyond a block's rows is
 * written over by the next one. */
static void lay_turned(const bfloat16_run *r, int at, int rows, float *to)
{
    for (int i = 0; i < rows; i += BLOCK_ROWS) {
        int some = at_most(rows - i, BLOCK_ROWS);
        for (int k = 0; k < r->filled; k += 2, to += BLOCK_ROWS)
            KERNEL(bfloat16_lay_pairs)(r, r->product->a, k, at + i, some, to);
    }
}

static void lay_rows(const bfloat16_run *r, int at, int rows, void *to)
{
    size_t pairs = (size_t)r->filled / 2;

    if (r->product->a_turned)
        lay_turned(r, at, rows, to);
    else
        KERNEL(bfloat16_lay_rows)(r, r->product->a, at, rows, to, pairs, SIDE_BY_SIDE);
}

static void multiply(const bfloat16_run *r, const void *a, const void *b, float *c, int rows,
                     int cols)
{
    bool turned = r->product->a_turned;
    size_t pairs = (size_t)r->filled / 2, row = r->a_row > 0 ? r->a_row : pairs;
    block all = {.a = a,
                 .a_turned = turned,
                 .a_stride = turned ? BLOCK_ROWS : row,
                 .a_next = BLOCK_ROWS * (turned ? pairs : row),
                 .b = b,
                 .b_step = PANEL,
                 .depth = (int)pairs,
                 .pairs = true,
                 .start = r->start,
                 .scale = r->scale,
                 .c = c,
                 .c_row = (size_t)r->product->c.stride};

    KERNEL(block_multiply)(&all, rows, cols);
}

static void run(const bfloat16_run *r)
{
    static const bfloat16_blocks blocks = {.rows = BLOCK_ROWS,
                                           .cols = PANEL,
                                           .number = sizeof(uint16_t),
                                           .lay_rows = lay_rows,
                                           .lay_cols = KERNEL(bfloat16_lay_cols),
                                           .multiply = multiply};

    KERNEL(bfloat16_strips)(r, &blocks);
}

void KERNEL(pairs_product)(const product *p)
{
    static const bfloat16_order pairs = {.group = PAIR,
                                         .most = BFLOAT16_RUN,
                                         .most_laid = BFLOAT16_RUN,
                                         .in_place = true,
                                         .run = run};

    KERNEL(bfloat16_product)(&pairs, p);
}

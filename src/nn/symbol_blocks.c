/* symbol_blocks.c - the logits of a run of rows, a block of symbols after another. */
#include "symbol_blocks.h"

symbol_blocks symbol_blocks_push(arena *arena, linear output, int cols)
{
    int count = (output.out + cols - 1) / cols;
    size_t rows = symbol_blocks_at(count, 0);

    return (symbol_blocks){.output = output,
                           .cols = cols,
                           .count = count,
                           .logits = arena_push(arena, rows * (size_t)cols, sizeof(float)),
                           .largest = arena_push(arena, rows, sizeof(float)),
                           .sum = arena_push(arena, rows, sizeof(float))};
}

static int cols_of(const symbol_blocks *s, int block)
{
    int left = s->output.out - block * s->cols;

    return left < s->cols ? left : s->cols;
}

linear symbol_blocks_linear(const symbol_blocks *s, int block)
{
    return linear_rows(s->output, block * s->cols, cols_of(s, block));
}

matrix symbol_blocks_logits(const symbol_blocks *s, int block, int rows)
{
    float *data = s->logits + symbol_blocks_at(block, 0) * (size_t)s->cols;

    return matrix_view(data, rows, cols_of(s, block));
}

/* symbol_blocks.c - the logits of a run of rows, a block of symbols after another. */
#include "symbol_blocks.h"

symbol_blocks symbol_blocks_push(arena *arena, linear output)
{
    int count = (output.out + SYMBOL_BLOCK_COLS - 1) / SYMBOL_BLOCK_COLS;
    size_t rows = symbol_blocks_at(count, 0);

    return (symbol_blocks){.output = output,
                           .count = count,
                           .logits = arena_push(arena, rows * SYMBOL_BLOCK_COLS, sizeof(float)),
                           .largest = arena_push(arena, rows, sizeof(float)),
                           .sum = arena_push(arena, rows, sizeof(float))};
}

static int cols_of(const symbol_blocks *s, int block)
{
    int left = s->output.out - block * SYMBOL_BLOCK_COLS;

    return left < SYMBOL_BLOCK_COLS ? left : SYMBOL_BLOCK_COLS;
}

linear symbol_blocks_linear(const symbol_blocks *s, int block)
{
    return linear_rows(s->output, block * SYMBOL_BLOCK_COLS, cols_of(s, block));
}

matrix symbol_blocks_logits(const symbol_blocks *s, int block, int rows)
{
    float *data = s->logits + symbol_blocks_at(block, 0) * SYMBOL_BLOCK_COLS;

    return matrix_view(data, rows, cols_of(s, block));
}

/* parameter_gradient.c - sums over the rank's grains, in the tree. */
#include "lockstep/nn/parameter_gradient.h"

#include <omp.h>

#include "lockstep/nn/grain_stack.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

enum { BLOCK_ROWS = 512, BLOCK_COLS = 1024 };

gradient gradient_rows(gradient g, int first, int cols)
{
    return (gradient){g.data + (size_t)first * (size_t)cols, g.node_stride};
}

float *gradient_partials(pass *pass, const stream *stream, int cols)
{
    return arena_push(pass->arena, (size_t)stream->tiles.count * (size_t)cols, sizeof(float));
}

static void product_block(const pass *pass, const stream *stream, matrix dy, matrix x,
                          const grain_stack *stack)
{
    const int32_t *rows = stream->packed.grain_rows;

    for (int g = 0; g < stream->packed.grains; g++) {
        matrix leaf = grain_stack_leaf(stack, pass->tree, g);
        int first = rows[g], count = rows[g + 1] - rows[g];
        if (count == 0)
            grain_stack_clear(leaf);
        else
            gemm_tn(1.0f, matrix_rows(dy, first, count), matrix_rows(x, first, count), 0.0f,
                    leaf);
        grain_stack_merge(stack, pass->tree, g);
    }
}

void gradient_set_product(pass *pass, const stream *stream, matrix dy, matrix x, gradient g)
{
    size_t mark = arena_mark(pass->arena);
    size_t scratch = grain_stack_scratch(pass->tree, (size_t)BLOCK_ROWS * BLOCK_COLS);
    float *all = arena_push(pass->arena, scratch * (size_t)pass->threads, sizeof(float));
    int down = (dy.cols + BLOCK_ROWS - 1) / BLOCK_ROWS;
    int across = (x.cols + BLOCK_COLS - 1) / BLOCK_COLS;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int b = 0; b < down * across; b++) {
        int row = b / across * BLOCK_ROWS, col = b % across * BLOCK_COLS;
        int rows = dy.cols - row < BLOCK_ROWS ? dy.cols - row : BLOCK_ROWS;
        int cols = x.cols - col < BLOCK_COLS ? x.cols - col : BLOCK_COLS;
        matrix node = {g.data + (size_t)row * (size_t)x.cols + col, rows, cols, x.cols};
        grain_stack stack = grain_stack_view(pass->tree, node, g.node_stride,
                                             all + scratch * (size_t)omp_get_thread_num());
        product_block(pass, stream, matrix_cols(dy, row, rows), matrix_cols(x, col, cols),
                      &stack);
    }
    arena_release(pass->arena, mark);
}

void gradient_set_vector(pass *pass, const stream *stream, const float *partials, int cols,
                         gradient g)
{
    size_t mark = arena_mark(pass->arena);
    size_t width = (size_t)cols;
    const int *first = stream->tiles.grain_first;
    float *scratch =
        arena_push(pass->arena, grain_stack_scratch(pass->tree, width), sizeof(float));
    grain_stack stack =
        grain_stack_view(pass->tree, matrix_view(g.data, 1, cols), g.node_stride, scratch);

    for (int grain = 0; grain < stream->packed.grains; grain++) {
        matrix leaf = grain_stack_leaf(&stack, pass->tree, grain);
        grain_stack_clear(leaf);
        for (int t = first[grain]; t < first[grain + 1]; t++)
            kernels_get()->add(leaf.data, partials + (size_t)t * width, width);
        grain_stack_merge(&stack, pass->tree, grain);
    }
    arena_release(pass->arena, mark);
}

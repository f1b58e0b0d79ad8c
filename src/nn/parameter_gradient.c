/* parameter_gradient.c - sums over the rank's grains, in the tree. */
#include "lockstep/nn/parameter_gradient.h"

#include "grain_stack.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

/* Of a block of a weight's gradient at most. Many small ones keep many threads busy, and an
 * even number of rows of them two; fewer rows than this would slow the products. */
enum { BLOCK_ROWS = 128, BLOCK_COLS = 1024, ROWS_MULTIPLE = 16 };

gradient gradient_rows(gradient g, int first, int cols)
{
    return (gradient){g.data + (size_t)first * (size_t)cols, g.node_stride, g.half};
}

float *gradient_partials(pass *pass, const stream *stream, int cols)
{
    return arena_push(pass->arena, (size_t)stream->tiles.count * (size_t)cols, sizeof(float));
}

static int quotient(int size, int part)
{
    return (size + part - 1) / part;
}

/* How many blocks one below the other. It follows from the gradient's size alone, for the
 * bits, but where products round: there no cut changes them, and each block rounds all of x,
 * so that there are no more than threads. */
static int blocks_down(const pass *pass, int rows)
{
    int most = quotient(rows, BLOCK_ROWS);

    if (gemm_rounds())
        return pass->threads < most ? pass->threads : most;
    return 2 * quotient(rows, 2 * BLOCK_ROWS);
}

/* How a gradient is cut: blocks of so many rows and columns. */
typedef struct block_grid {
    int rows, cols;
    int across, blocks;
} block_grid;

static block_grid grid_of(const pass *pass, int rows, int cols)
{
    int down = blocks_down(pass, rows);
    block_grid g = {.rows = quotient(quotient(rows, down), ROWS_MULTIPLE) * ROWS_MULTIPLE,
                    .cols = cols < BLOCK_COLS ? cols : BLOCK_COLS};

    g.across = quotient(cols, g.cols);
    g.blocks = quotient(rows, g.rows) * g.across;
    return g;
}

static size_t scratch_of(const pass *pass, const block_grid *g)
{
    return grain_stack_scratch(pass->tree, (size_t)g->rows * (size_t)g->cols);
}

product_sum gradient_product_begin(pass *pass, int rows, int cols, gradient g)
{
    block_grid grid = grid_of(pass, rows, cols);
    size_t floats = scratch_of(pass, &grid) * (size_t)grid.blocks;

    return (product_sum){.gradient = g,
                         .rows = rows,
                         .cols = cols,
                         .scratch = arena_push(pass->arena, floats, sizeof(float))};
}

/* Block number `block` of the sum, for one grain: dy and x are its rows alone. */
static void add_block(const pass *pass, const product_sum *sum, int block, int grain, factor dy,
                      factor x)
{
    block_grid grid = grid_of(pass, sum->rows, sum->cols);
    int row = block / grid.across * grid.rows, col = block % grid.across * grid.cols;
    int rows = sum->rows - row < grid.rows ? sum->rows - row : grid.rows;
    int cols = sum->cols - col < grid.cols ? sum->cols - col : grid.cols;
    size_t scratch = scratch_of(pass, &grid);
    matrix node = {sum->gradient.data + (size_t)row * (size_t)sum->cols + col, rows, cols,
                   sum->cols};
    grain_stack stack = grain_stack_view(pass->tree, node, sum->gradient,
                                         sum->scratch + scratch * (size_t)block);
    matrix leaf = grain_stack_leaf(&stack, pass->tree, grain);

    if (dy.floats.rows == 0)
        grain_stack_clear(leaf);
    else
        gemm_factors(&(product){.a = factor_cols(dy, row, rows),
                                .b = factor_cols(x, col, cols),
                                .a_turned = true,
                                .alpha = 1.0f,
                                .c = leaf});
    grain_stack_merge(&stack, pass->tree, grain);
}

void gradient_product_add(pass *pass, const stream *stream, const product_sum *sum, int grain,
                          factor dy, factor x)
{
    const int32_t *first = stream->packed.grain_rows;
    int rows = first[grain + 1] - first[grain];
    int blocks = grid_of(pass, sum->rows, sum->cols).blocks;

    dy = factor_rows(dy, first[grain], rows);
    x = factor_rows(x, first[grain], rows);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int b = 0; b < blocks; b++) {
        add_block(pass, sum, b, grain, dy, x);
        pass_move(pass);
    }
}

void gradient_set_vector(pass *pass, const stream *stream, const float *partials, int cols,
                         gradient g)
{
    size_t mark = arena_mark(pass->arena);
    size_t width = (size_t)cols;
    const int *first = stream->tiles.grain_first;
    float *scratch =
        arena_push(pass->arena, grain_stack_scratch(pass->tree, width), sizeof(float));
    grain_stack stack = grain_stack_view(pass->tree, matrix_view(g.data, 1, cols), g, scratch);

    for (int grain = 0; grain < stream->packed.grains; grain++) {
        matrix leaf = grain_stack_leaf(&stack, pass->tree, grain);
        grain_stack_clear(leaf);
        for (int t = first[grain]; t < first[grain + 1]; t++)
            kernels_get()->add(leaf.data, partials + (size_t)t * width, width);
        grain_stack_merge(&stack, pass->tree, grain);
    }
    arena_release(pass->arena, mark);
}

/* generator.c - the output layer and its loss. */
#include "lockstep/nn/generator.h"

#include <math.h>

#include "grain_stack.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "symbol_blocks.h"

/* The whole loss: everything that the phases below share, of one tile at a time. */
typedef struct loss_pass {
    const generator *g;
    pass *pass;
    matrix x, dx;
    const int32_t *gold;
    float scale; /* 0: no gradients */
    generator_result *out;
    symbol_blocks blocks;
    float *total;      /* [blocks][SYMBOL_BLOCK_ROWS]; NULL without smoothing */
    float *gold_logit; /* [SYMBOL_BLOCK_ROWS] */
    float *bias_sums;  /* [tiles, symbols] */
    float *scratch;    /* of the weight's grain stacks */
} loss_pass;

static void set_block(const loss_pass *l, const tile *t, int block)
{
    linear part = symbol_blocks_linear(&l->blocks, block);
    size_t at = symbol_blocks_at(block, 0);
    softmax_block args = {.logits = symbol_blocks_logits(&l->blocks, block, t->rows),
                          .bias = part.bias,
                          .gold = l->gold + t->first,
                          .first = block * SYMBOL_BLOCK_COLS,
                          .largest = l->blocks.largest + at,
                          .sum = l->blocks.sum + at,
                          .total = l->total == NULL ? NULL : l->total + at,
                          .gold_logit = l->gold_logit};

    linear_product(&part, tile_rows(l->x, t), args.logits);
    kernels_get()->softmax_block_forward(&args);
}

/* Put the blocks of a row together: its losses, and into `largest` what turns each block's
 * exponentials into `scale` times its probabilities. */
static void finish_row(const loss_pass *l, const tile *t, int row)
{
    double e = l->g->smoothing, sum = 0.0, total = 0.0;
    float largest = l->blocks.largest[row], gold = l->gold_logit[row];
    int at = t->first + row;

    for (int b = 1; b < l->blocks.count; b++) {
        float other = l->blocks.largest[symbol_blocks_at(b, row)];
        largest = other > largest || isnan(other) ? other : largest;
    }
    for (int b = 0; b < l->blocks.count; b++) {
        sum += l->blocks.sum[symbol_blocks_at(b, row)] *
               exp(l->blocks.largest[symbol_blocks_at(b, row)] - largest);
        total += l->total == NULL ? 0.0 : l->total[symbol_blocks_at(b, row)];
    }
    double log_sum = largest + log(sum);
    l->out->nll[at] = (float)(log_sum - gold);
    l->out->loss[at] =
        (float)((1.0 - e) * (log_sum - gold) + e * (log_sum - total / l->g->output.out));
    l->out->correct[at] = gold >= largest;
    for (int b = 0; b < l->blocks.count; b++) {
        float *factor = &l->blocks.largest[symbol_blocks_at(b, row)];
        *factor = (float)(l->scale * exp(*factor - largest) / sum);
    }
}

static void set_losses(const loss_pass *l, const tile *t)
{
#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int b = 0; b < l->blocks.count; b++)
        set_block(l, t, b);
#pragma omp parallel for num_threads(l->pass->threads) schedule(static)
    for (int row = 0; row < t->rows; row++)
        finish_row(l, t, row);
}

/* A block's exponentials become gradients. */
static void differentiate_block(const loss_pass *l, const tile *t, int number, int block)
{
    double e = l->g->smoothing;
    size_t sums = (size_t)number * (size_t)l->g->output.out + (size_t)block * SYMBOL_BLOCK_COLS;

    kernels_get()->softmax_block_backward(
        &(softmax_block_gradient){.logits = symbol_blocks_logits(&l->blocks, block, t->rows),
                                  .gold = l->gold + t->first,
                                  .first = block * SYMBOL_BLOCK_COLS,
                                  .factor = l->blocks.largest + symbol_blocks_at(block, 0),
                                  .uniform = (float)(l->scale * e / l->g->output.out),
                                  .one = (float)(l->scale * (1.0 - e)),
                                  .sum = l->bias_sums + sums});
}

/* They flow on to the input: block 0 sets it, the others add. */
static void set_input(const loss_pass *l, const tile *t, int block)
{
    linear part = symbol_blocks_linear(&l->blocks, block);

    linear_backward(&part, symbol_blocks_logits(&l->blocks, block, t->rows),
                    block == 0 ? 0.0f : 1.0f, tile_rows(l->dx, t));
}

/* Where a block's rows of the weight's gradient are summed over grains. */
static grain_stack weight_stack(const loss_pass *l, int block)
{
    linear part = symbol_blocks_linear(&l->blocks, block);
    size_t before = (size_t)block * SYMBOL_BLOCK_COLS * (size_t)part.in;

    return grain_stack_view(l->pass->tree,
                            matrix_view(part.weight_gradient.data, part.out, part.in),
                            part.weight_gradient.node_stride,
                            l->scratch + grain_stack_scratch(l->pass->tree, before));
}

/* A tile's share of the grain's sum, which its first tile sets. */
static void add_weight(const loss_pass *l, const tile *t, int block)
{
    grain_stack stack = weight_stack(l, block);

    gemm_tn(1.0f, symbol_blocks_logits(&l->blocks, block, t->rows), tile_rows(l->x, t),
            t->offset == 0 ? 0.0f : 1.0f, grain_stack_leaf(&stack, l->pass->tree, t->grain));
}

/* With one thread block by block, so that its gradients are in cache for both products;
 * with more the blocks' weights side by side, and the input, whose sum has an order. */
static void set_gradients(const loss_pass *l, const tile *t, int number)
{
    int threads = l->pass->threads;

    for (int b = 0; b < l->blocks.count && threads == 1; b++) {
        differentiate_block(l, t, number, b);
        set_input(l, t, b);
        add_weight(l, t, b);
    }
    if (threads == 1)
        return;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int b = 0; b < l->blocks.count; b++)
        differentiate_block(l, t, number, b);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int task = -1; task < l->blocks.count; task++) {
        for (int b = 0; b < l->blocks.count && task < 0; b++)
            set_input(l, t, b);
        if (task >= 0)
            add_weight(l, t, task);
    }
}

/* The grain's weight gradient is complete: to the tree. */
static void close_grain(const loss_pass *l, int grain, bool empty)
{
#pragma omp parallel for num_threads(l->pass->threads) schedule(static)
    for (int b = 0; b < l->blocks.count; b++) {
        grain_stack stack = weight_stack(l, b);
        if (empty)
            grain_stack_clear(grain_stack_leaf(&stack, l->pass->tree, grain));
        grain_stack_merge(&stack, l->pass->tree, grain);
    }
}

static void run_tiles(const loss_pass *l, const stream *stream)
{
    const tiles *tiles = &stream->tiles;

    for (int grain = 0; grain < stream->packed.grains; grain++) {
        int first = tiles->grain_first[grain], end = tiles->grain_first[grain + 1];
        for (int t = first; t < end; t++) {
            set_losses(l, &tiles->list[t]);
            if (l->scale != 0.0f)
                set_gradients(l, &tiles->list[t], t);
        }
        if (l->scale != 0.0f)
            close_grain(l, grain, first == end);
    }
}

static void push_result(pass *pass, int rows, generator_result *out)
{
    out->loss = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->nll = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->correct = arena_push(pass->arena, (size_t)rows, sizeof(uint8_t));
}

/* Room for one tile at a time. */
static void push_tile(loss_pass *l)
{
    arena *arena = l->pass->arena;

    l->blocks = symbol_blocks_push(arena, l->g->output);
    l->gold_logit = arena_push(arena, SYMBOL_BLOCK_ROWS, sizeof(float));
    if (l->g->smoothing > 0.0)
        l->total = arena_push(arena, symbol_blocks_at(l->blocks.count, 0), sizeof(float));
}

void generator_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    loss_pass l = {.g = g, .pass = pass, .x = x, .gold = gold, .out = out};

    push_tile(&l);
    run_tiles(&l, stream);
    arena_release(pass->arena, mark);
}

void generator_forward_backward(const generator *g, pass *pass, const stream *stream, matrix x,
                                const int32_t *gold, float scale, matrix dx,
                                generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    size_t weight = (size_t)g->output.out * (size_t)x.cols;
    loss_pass l = {
        .g = g, .pass = pass, .x = x, .dx = dx, .gold = gold, .scale = scale, .out = out};

    push_tile(&l);
    l.bias_sums = gradient_partials(pass, stream, g->output.out);
    l.scratch = arena_push(pass->arena, grain_stack_scratch(pass->tree, weight), sizeof(float));
    run_tiles(&l, stream);
    linear_backward_bias(&g->output, pass, stream, l.bias_sums);
    arena_release(pass->arena, mark);
}

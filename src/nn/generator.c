/* generator.c - the output layer and its loss. */
#include "lockstep/nn/generator.h"

#include <math.h>

#include "lockstep/nn/grain_stack.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

enum {
    SYMBOLS = 512, /* in a block: GENERATOR_ROWS of them are about what a core's cache holds */
    WEIGHT_ROWS = 512 /* of the weight, in one product */
};

/* A run of at most GENERATOR_ROWS rows of one grain. */
typedef struct chunk {
    int grain, first, rows;
    bool opens, closes; /* the first, the last of its grain */
    int tile;           /* number of its first tile */
} chunk;

/* The whole loss: everything that the phases below share. What is kept of a chunk stands
 * block by block: [blocks][GENERATOR_ROWS] and so on. */
typedef struct loss_pass {
    const generator *g;
    pass *pass;
    matrix x, dx;
    const int32_t *gold;
    float scale; /* 0: no gradients */
    generator_result *out;
    int blocks;
    float *logits;                /* [blocks][GENERATOR_ROWS * SYMBOLS] */
    float *largest, *sum, *total; /* [blocks][GENERATOR_ROWS] */
    float *gold_logit;            /* [GENERATOR_ROWS] */
    float *bias_sums;             /* [tiles, symbols] */
    float *scratch;               /* of the weight's grain stacks */
} loss_pass;

static int block_cols(const loss_pass *l, int block)
{
    int left = l->g->output.out - block * SYMBOLS;

    return left < SYMBOLS ? left : SYMBOLS;
}

static int chunk_tiles(const chunk *c)
{
    return (c->rows + TILE_ROWS - 1) / TILE_ROWS;
}

static int rows_of(const chunk *c, int t)
{
    int left = c->rows - t * TILE_ROWS;

    return left < TILE_ROWS ? left : TILE_ROWS;
}

/* Rows [first, first + rows) of a chunk's block. */
static matrix block_logits(const loss_pass *l, int block, int first, int rows)
{
    float *data = l->logits + (size_t)block * GENERATOR_ROWS * SYMBOLS;

    return matrix_rows(matrix_view(data, GENERATOR_ROWS, block_cols(l, block)), first, rows);
}

/* Where the statistics of a block's row are. */
static size_t statistic(int block, int row)
{
    return (size_t)block * GENERATOR_ROWS + (size_t)row;
}

static void set_block(const loss_pass *l, const chunk *c, int block, int t)
{
    int row = t * TILE_ROWS, first = c->first + row, rows = rows_of(c, t);
    linear part = linear_rows(l->g->output, block * SYMBOLS, block_cols(l, block));
    size_t at = statistic(block, row);
    softmax_block args = {.logits = block_logits(l, block, row, rows),
                          .bias = part.bias,
                          .gold = l->gold + first,
                          .first = block * SYMBOLS,
                          .largest = l->largest + at,
                          .sum = l->sum + at,
                          .total = l->total == NULL ? NULL : l->total + at,
                          .gold_logit = l->gold_logit + row};

    linear_product(&part, matrix_rows(l->x, first, rows), args.logits);
    kernels_get()->softmax_block_forward(&args);
}

/* Put the blocks of a row together: its losses, and into `largest` what turns each block's
 * exponentials into `scale` times its probabilities. */
static void finish_row(const loss_pass *l, const chunk *c, int row)
{
    double e = l->g->smoothing, sum = 0.0, total = 0.0;
    float largest = l->largest[row], gold = l->gold_logit[row];
    int at = c->first + row;

    for (int b = 1; b < l->blocks; b++) {
        float other = l->largest[statistic(b, row)];
        largest = other > largest || isnan(other) ? other : largest;
    }
    for (int b = 0; b < l->blocks; b++) {
        sum += l->sum[statistic(b, row)] * exp(l->largest[statistic(b, row)] - largest);
        total += l->total == NULL ? 0.0 : l->total[statistic(b, row)];
    }
    double log_sum = largest + log(sum);
    l->out->nll[at] = (float)(log_sum - gold);
    l->out->loss[at] =
        (float)((1.0 - e) * (log_sum - gold) + e * (log_sum - total / l->g->output.out));
    l->out->correct[at] = gold >= largest;
    for (int b = 0; b < l->blocks; b++) {
        float *factor = &l->largest[statistic(b, row)];
        *factor = (float)(l->scale * exp(*factor - largest) / sum);
    }
}

static void set_losses(const loss_pass *l, const chunk *c)
{
#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int p = 0; p < l->blocks * chunk_tiles(c); p++)
        set_block(l, c, p / chunk_tiles(c), p % chunk_tiles(c));
#pragma omp parallel for num_threads(l->pass->threads) schedule(static)
    for (int row = 0; row < c->rows; row++)
        finish_row(l, c, row);
}

/* A block's exponentials become gradients, and flow on to the input. */
static void differentiate_block(const loss_pass *l, const chunk *c, int block, int t)
{
    int row = t * TILE_ROWS, first = c->first + row, rows = rows_of(c, t);
    linear part = linear_rows(l->g->output, block * SYMBOLS, block_cols(l, block));
    double e = l->g->smoothing;
    softmax_block_gradient args = {.logits = block_logits(l, block, row, rows),
                                   .gold = l->gold + first,
                                   .first = block * SYMBOLS,
                                   .factor = l->largest + statistic(block, row),
                                   .uniform = (float)(l->scale * e / l->g->output.out),
                                   .one = (float)(l->scale * (1.0 - e)),
                                   .sum = l->bias_sums +
                                          (size_t)(c->tile + t) * (size_t)l->g->output.out +
                                          block * SYMBOLS};

    kernels_get()->softmax_block_backward(&args);
    linear_backward(&part, args.logits, block == 0 ? 0.0f : 1.0f,
                    matrix_rows(l->dx, first, rows));
}

/* Add rows [row, row + rows) of the weight's gradient to the grain's sum; at the grain's
 * end, to the tree. */
static void add_weight(const loss_pass *l, const chunk *c, int row, int rows, matrix logits)
{
    const tree_run *tree = l->pass->tree;
    int width = l->x.cols;
    gradient g = gradient_rows(l->g->output.weight_gradient, row, width);
    float *scratch = l->scratch + grain_stack_scratch(tree, (size_t)row * (size_t)width);
    grain_stack stack =
        grain_stack_view(tree, matrix_view(g.data, rows, width), g.node_stride, scratch);
    matrix leaf = grain_stack_leaf(&stack, tree, c->grain);

    if (c->rows == 0)
        grain_stack_clear(leaf);
    else
        gemm_tn(1.0f, logits, matrix_rows(l->x, c->first, c->rows), c->opens ? 0.0f : 1.0f,
                leaf);
    if (c->closes)
        grain_stack_merge(&stack, tree, c->grain);
}

/* Block by block, so that its gradients are in cache for both products. */
static void set_gradients(const loss_pass *l, const chunk *c)
{
    int threads = l->pass->threads;

    for (int b = 0; b < l->blocks; b++) {
        matrix logits = block_logits(l, b, 0, c->rows);
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int t = 0; t < chunk_tiles(c); t++)
            differentiate_block(l, c, b, t);
#pragma omp parallel for num_threads(threads) schedule(static)
        for (int row = 0; row < logits.cols; row += WEIGHT_ROWS) {
            int rows = logits.cols - row < WEIGHT_ROWS ? logits.cols - row : WEIGHT_ROWS;
            add_weight(l, c, b * SYMBOLS + row, rows, matrix_cols(logits, row, rows));
        }
    }
}

static void run_grain(const loss_pass *l, const stream *stream, int grain)
{
    int first = stream->packed.grain_rows[grain], end = stream->packed.grain_rows[grain + 1];
    int at = first;

    do {
        int rows = end - at < GENERATOR_ROWS ? end - at : GENERATOR_ROWS;
        chunk c = {.grain = grain,
                   .first = at,
                   .rows = rows,
                   .opens = at == first,
                   .closes = at + rows == end,
                   .tile = stream->tiles.grain_first[grain] + (at - first) / TILE_ROWS};
        set_losses(l, &c);
        if (l->scale != 0.0f)
            set_gradients(l, &c);
        at += rows;
    } while (at < end);
}

static void push_result(pass *pass, int rows, generator_result *out)
{
    out->loss = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->nll = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->correct = arena_push(pass->arena, (size_t)rows, sizeof(uint8_t));
}

/* Room for one chunk at a time. */
static void push_chunk(loss_pass *l)
{
    arena *arena = l->pass->arena;
    size_t rows;

    l->blocks = (l->g->output.out + SYMBOLS - 1) / SYMBOLS;
    rows = (size_t)l->blocks * GENERATOR_ROWS;
    l->logits = arena_push(arena, rows * SYMBOLS, sizeof(float));
    l->largest = arena_push(arena, rows, sizeof(float));
    l->sum = arena_push(arena, rows, sizeof(float));
    l->gold_logit = arena_push(arena, GENERATOR_ROWS, sizeof(float));
    if (l->g->smoothing > 0.0)
        l->total = arena_push(arena, rows, sizeof(float));
}

void generator_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    loss_pass l = {.g = g, .pass = pass, .x = x, .gold = gold, .out = out};

    push_chunk(&l);
    for (int grain = 0; grain < stream->packed.grains; grain++)
        run_grain(&l, stream, grain);
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

    push_chunk(&l);
    l.bias_sums = gradient_partials(pass, stream, g->output.out);
    l.scratch = arena_push(pass->arena, grain_stack_scratch(pass->tree, weight), sizeof(float));
    for (int grain = 0; grain < stream->packed.grains; grain++)
        run_grain(&l, stream, grain);
    linear_backward_bias(&g->output, pass, stream, l.bias_sums);
    arena_release(pass->arena, mark);
}

void generator_logits(const generator *g, matrix x, matrix logits)
{
    linear_forward(&g->output, x, logits);
}

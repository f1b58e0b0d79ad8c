/* generator.c - the output layer and its loss. */
#include "lockstep/nn/generator.h"

#include <math.h>

#include "generator_mixture.h"
#include "grain_stack.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

/* The whole loss: everything that the phases below share, of one tile at a time. */
typedef struct loss_pass {
    const generator *g;
    pass *pass;
    matrix x, dx;
    const int32_t *gold;
    float scale;                      /* 0: no gradients */
    const generator_mixture *mixture; /* NULL: the softmax is all there is */
    generator_result *out;
    symbol_blocks blocks;
    float *total;      /* [blocks][SYMBOL_BLOCK_ROWS]; NULL without smoothing */
    float *gold_logit; /* [SYMBOL_BLOCK_ROWS] */
    float *one;       /* [SYMBOL_BLOCK_ROWS] what the gradient has less at gold; of a mixture */
    float *bias_sums; /* [tiles, symbols] */
    float *scratch;   /* of the weight's grain stacks */
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

    linear_product(&part, factor_of(tile_rows(l->x, t)), args.logits);
    kernels_get()->softmax_block_forward(&args);
}

/* A row's softmax, put together from its blocks. */
typedef struct row_sum {
    float largest;
    double sum, log_sum;
} row_sum;

static row_sum sum_row(const loss_pass *l, int row)
{
    row_sum s = {.largest = l->blocks.largest[row]};

    for (int b = 1; b < l->blocks.count; b++) {
        float other = l->blocks.largest[symbol_blocks_at(b, row)];
        s.largest = other > s.largest || isnan(other) ? other : s.largest;
    }
    for (int b = 0; b < l->blocks.count; b++)
        s.sum += l->blocks.sum[symbol_blocks_at(b, row)] *
                 exp(l->blocks.largest[symbol_blocks_at(b, row)] - s.largest);
    s.log_sum = s.largest + log(s.sum);
    return s;
}

double softmax_row_p(const softmax_row *r, int32_t symbol)
{
    int block = symbol / SYMBOL_BLOCK_COLS, col = symbol % SYMBOL_BLOCK_COLS;
    matrix exponentials = symbol_blocks_logits(r->blocks, block, r->rows);
    double largest = r->blocks->largest[symbol_blocks_at(block, r->row)];

    return matrix_row(exponentials, r->row)[col] * exp(largest - r->log_sum);
}

static mixed_row mix(const loss_pass *l, const tile *t, int row, const row_sum *s)
{
    softmax_row r = {.at = t->first + row,
                     .gold = l->gold[t->first + row],
                     .log_p = -INFINITY,
                     .largest = exp(s->largest - s->log_sum),
                     .log_sum = s->log_sum,
                     .blocks = &l->blocks,
                     .row = row,
                     .rows = t->rows};

    if (r.gold < l->g->output.out)
        r.log_p = l->gold_logit[row] - s->log_sum;
    return l->mixture->mix(l->mixture->user, &r);
}

/* A row's losses; into `largest` goes what turns each block's exponentials into `scale` times
 * its probabilities, or a mixture's share of them. */
static void finish_row(const loss_pass *l, const tile *t, int row)
{
    double e = l->g->smoothing, total = 0.0, weight = l->scale;
    row_sum s = sum_row(l, row);
    int at = t->first + row;

    for (int b = 0; b < l->blocks.count && l->total != NULL; b++)
        total += l->total[symbol_blocks_at(b, row)];
    double nll = s.log_sum - l->gold_logit[row];
    l->out->correct[at] = l->gold_logit[row] >= s.largest;
    if (l->mixture != NULL) {
        mixed_row m = mix(l, t, row, &s);
        nll = m.nll;
        l->out->correct[at] = m.likeliest;
        l->one[row] = (float)(l->scale * (1.0 - e) * m.share);
        weight = l->scale * ((1.0 - e) * m.share + e);
    }
    l->out->nll[at] = (float)nll;
    l->out->loss[at] = (float)((1.0 - e) * nll + e * (s.log_sum - total / l->g->output.out));
    for (int b = 0; b < l->blocks.count; b++) {
        float *factor = &l->blocks.largest[symbol_blocks_at(b, row)];
        *factor = (float)(weight * exp(*factor - s.largest) / s.sum);
    }
}

static void set_losses(const loss_pass *l, const tile *t)
{
#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int b = 0; b < l->blocks.count; b++) {
        set_block(l, t, b);
        pass_move(l->pass);
    }
#pragma omp parallel for num_threads(l->pass->threads) schedule(static)
    for (int row = 0; row < t->rows; row++)
        finish_row(l, t, row);
}

/* In a mixture what a row has less at its gold symbol is its own. */
static void subtract_gold(const loss_pass *l, const tile *t, int block, float *sum)
{
    matrix logits = symbol_blocks_logits(&l->blocks, block, t->rows);

    for (int row = 0; row < t->rows; row++) {
        int col = l->gold[t->first + row] - block * SYMBOL_BLOCK_COLS;
        if (col < 0 || col >= logits.cols)
            continue;
        matrix_row(logits, row)[col] -= l->one[row];
        sum[col] -= l->one[row];
    }
}

/* A block's exponentials become gradients. */
static void differentiate_block(const loss_pass *l, const tile *t, int number, int block)
{
    double e = l->g->smoothing;
    size_t sums = (size_t)number * (size_t)l->g->output.out + (size_t)block * SYMBOL_BLOCK_COLS;

    kernels_get()->softmax_block_backward(&(softmax_block_gradient){
        .logits = symbol_blocks_logits(&l->blocks, block, t->rows),
        .gold = l->gold + t->first,
        .first = block * SYMBOL_BLOCK_COLS,
        .factor = l->blocks.largest + symbol_blocks_at(block, 0),
        .uniform = (float)(l->scale * e / l->g->output.out),
        .one = l->mixture == NULL ? (float)(l->scale * (1.0 - e)) : 0.0f,
        .sum = l->bias_sums + sums});
    if (l->mixture != NULL)
        subtract_gold(l, t, block, l->bias_sums + sums);
}

/* Rows of a tile whose input is set together. */
enum { INPUT_ROWS = 160, INPUT_PARTS = TILE_ROWS / INPUT_ROWS };

/* They flow on to the input of rows [first, first + INPUT_ROWS) of the tile: block 0 sets it,
 * the others add. */
static void set_input(const loss_pass *l, const tile *t, int block, int first)
{
    linear part = symbol_blocks_linear(&l->blocks, block);
    int rows = t->rows - first < INPUT_ROWS ? t->rows - first : INPUT_ROWS;

    if (rows <= 0)
        return;
    matrix gradients = symbol_blocks_logits(&l->blocks, block, t->rows);
    linear_backward(&part, factor_of(matrix_rows(gradients, first, rows)),
                    block == 0 ? 0.0f : 1.0f, matrix_rows(l->dx, t->first + first, rows));
    pass_move(l->pass);
}

/* Where a block's rows of the weight's gradient are summed over grains. */
static grain_stack weight_stack(const loss_pass *l, int block)
{
    linear part = symbol_blocks_linear(&l->blocks, block);
    size_t before = (size_t)block * SYMBOL_BLOCK_COLS * (size_t)part.in;

    return grain_stack_view(
        l->pass->tree, matrix_view(part.weight_gradient.data, part.out, part.in),
        part.weight_gradient, l->scratch + grain_stack_scratch(l->pass->tree, before));
}

/* A tile's share of the grain's sum, which its first tile sets. */
static void add_weight(const loss_pass *l, const tile *t, int block)
{
    grain_stack stack = weight_stack(l, block);

    gemm_tn(1.0f, symbol_blocks_logits(&l->blocks, block, t->rows), tile_rows(l->x, t),
            t->offset == 0 ? 0.0f : 1.0f, grain_stack_leaf(&stack, l->pass->tree, t->grain));
    pass_move(l->pass);
}

/* With one thread block by block, so that its gradients are in cache for both products;
 * with more the blocks' weights side by side, and the rows' input, whose sums have an order. */
static void set_gradients(const loss_pass *l, const tile *t, int number)
{
    int threads = l->pass->threads;

    for (int b = 0; b < l->blocks.count && threads == 1; b++) {
        differentiate_block(l, t, number, b);
        for (int part = 0; part < INPUT_PARTS; part++)
            set_input(l, t, b, part * INPUT_ROWS);
        add_weight(l, t, b);
    }
    if (threads == 1)
        return;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int b = 0; b < l->blocks.count; b++)
        differentiate_block(l, t, number, b);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int task = -INPUT_PARTS; task < l->blocks.count; task++) {
        for (int b = 0; b < l->blocks.count && task < 0; b++)
            set_input(l, t, b, (task + INPUT_PARTS) * INPUT_ROWS);
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
        pass_move(l->pass);
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
    if (l->mixture != NULL)
        l->one = arena_push(arena, SYMBOL_BLOCK_ROWS, sizeof(float));
}

void generator_forward_mixed(const generator *g, pass *pass, const stream *stream, matrix x,
                             const int32_t *gold, const generator_mixture *mixture,
                             generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    loss_pass l = {.g = g, .pass = pass, .x = x, .gold = gold, .mixture = mixture, .out = out};

    push_tile(&l);
    run_tiles(&l, stream);
    arena_release(pass->arena, mark);
}

void generator_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, generator_result *out)
{
    generator_forward_mixed(g, pass, stream, x, gold, NULL, out);
}

void generator_forward_backward_mixed(const generator *g, pass *pass, const stream *stream,
                                      matrix x, const int32_t *gold,
                                      const generator_mixture *mixture, float scale, matrix dx,
                                      generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    size_t weight = (size_t)g->output.out * (size_t)x.cols;
    loss_pass l = {.g = g,
                   .pass = pass,
                   .x = x,
                   .dx = dx,
                   .gold = gold,
                   .scale = scale,
                   .mixture = mixture,
                   .out = out};

    push_tile(&l);
    l.bias_sums = gradient_partials(pass, stream, g->output.out);
    l.scratch = arena_push(pass->arena, grain_stack_scratch(pass->tree, weight), sizeof(float));
    run_tiles(&l, stream);
    linear_backward_bias(&g->output, pass, stream, l.bias_sums);
    arena_release(pass->arena, mark);
}

void generator_forward_backward(const generator *g, pass *pass, const stream *stream, matrix x,
                                const int32_t *gold, float scale, matrix dx,
                                generator_result *out)
{
    generator_forward_backward_mixed(g, pass, stream, x, gold, NULL, scale, dx, out);
}

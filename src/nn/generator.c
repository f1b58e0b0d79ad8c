/* generator.c - the output layer and its loss. */
#include "lockstep/nn/generator.h"

#include "lockstep/nn/grain_stack.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

enum { SYMBOLS = 1024 }; /* columns of logits, rows of the weight, in one product */

/* A run of at most GENERATOR_ROWS rows of one grain, and where its logits are. */
typedef struct chunk {
    int grain, first, rows;
    bool opens, closes; /* the first, the last of its grain */
    int tile;           /* number of its first tile */
    matrix logits;      /* [rows, symbols] */
} chunk;

/* The whole loss: everything that the phases below share. */
typedef struct loss_pass {
    const generator *g;
    pass *pass;
    matrix x, dx;
    const int32_t *gold;
    float scale;
    generator_result *out;
    float *sums;    /* [tiles, symbols] */
    float *scratch; /* planes of the weight's grain stack */
} loss_pass;

static int blocks(const loss_pass *l)
{
    return (l->g->output.out + SYMBOLS - 1) / SYMBOLS;
}

static int block_rows(const loss_pass *l, int block)
{
    int left = l->g->output.out - block * SYMBOLS;

    return left < SYMBOLS ? left : SYMBOLS;
}

static int chunk_tiles(const chunk *c)
{
    return (c->rows + TILE_ROWS - 1) / TILE_ROWS;
}

/* Tile number t of a chunk. */
static matrix tile_of(matrix m, const chunk *c, int t)
{
    int left = c->rows - t * TILE_ROWS;

    return matrix_rows(m, t * TILE_ROWS, left < TILE_ROWS ? left : TILE_ROWS);
}

static void set_logits(const loss_pass *l, const chunk *c)
{
    matrix x = matrix_rows(l->x, c->first, c->rows);
    int parts = blocks(l);

#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int p = 0; p < parts * chunk_tiles(c); p++) {
        int block = p % parts, t = p / parts;
        linear some = linear_rows(l->g->output, block * SYMBOLS, block_rows(l, block));
        matrix logits = tile_of(c->logits, c, t);
        linear_forward(&some, tile_of(x, c, t), matrix_cols(logits, block * SYMBOLS, some.out));
    }
}

static void set_losses(const loss_pass *l, const chunk *c)
{
#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int t = 0; t < chunk_tiles(c); t++) {
        int first = c->first + t * TILE_ROWS;
        matrix logits = tile_of(c->logits, c, t);
        size_t tile = (size_t)(c->tile + t);
        cross_entropy_args args = {
            .logits = logits,
            .gold = l->gold + first,
            .smoothing = (float)l->g->smoothing,
            .scale = l->scale,
            .loss = l->out->loss + first,
            .nll = l->out->nll + first,
            .correct = l->out->correct + first,
            .sum = l->sums == NULL ? NULL : l->sums + tile * (size_t)logits.cols};
        kernels_get()->cross_entropy(&args);
        if (l->scale != 0.0f)
            linear_backward(&l->g->output, logits, 0.0f,
                            matrix_rows(l->dx, first, logits.rows));
    }
}

/* Add the chunk to its grain's weight gradient; at the grain's end, to the tree. */
static void add_weight(const loss_pass *l, const chunk *c)
{
    const tree_run *tree = l->pass->tree;
    gradient g = l->g->output.weight_gradient;
    int width = l->x.cols;
    size_t plane = grain_stack_scratch(tree, (size_t)SYMBOLS * (size_t)width);
    matrix x = matrix_rows(l->x, c->first, c->rows);

#pragma omp parallel for num_threads(l->pass->threads) schedule(dynamic)
    for (int b = 0; b < blocks(l); b++) {
        gradient part = gradient_rows(g, b * SYMBOLS, width);
        grain_stack stack =
            grain_stack_view(tree, matrix_view(part.data, block_rows(l, b), width),
                             part.node_stride, l->scratch + (size_t)b * plane);
        matrix leaf = grain_stack_leaf(&stack, tree, c->grain);
        if (c->rows == 0)
            grain_stack_clear(leaf);
        else
            gemm_tn(1.0f, matrix_cols(c->logits, b * SYMBOLS, leaf.rows), x,
                    c->opens ? 0.0f : 1.0f, leaf);
        if (c->closes)
            grain_stack_merge(&stack, tree, c->grain);
    }
}

static void run_grain(const loss_pass *l, const stream *stream, int grain, matrix logits)
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
                   .tile = stream->tiles.grain_first[grain] + (at - first) / TILE_ROWS,
                   .logits = matrix_rows(logits, 0, rows)};
        set_logits(l, &c);
        set_losses(l, &c);
        if (l->scale != 0.0f)
            add_weight(l, &c);
        at += rows;
    } while (at < end);
}

static void push_result(pass *pass, int rows, generator_result *out)
{
    out->loss = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->nll = arena_push(pass->arena, (size_t)rows, sizeof(float));
    out->correct = arena_push(pass->arena, (size_t)rows, sizeof(uint8_t));
}

void generator_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    loss_pass l = {.g = g, .pass = pass, .x = x, .gold = gold, .out = out};
    matrix logits = pass_matrix(pass, GENERATOR_ROWS, g->output.out);

    for (int grain = 0; grain < stream->packed.grains; grain++)
        run_grain(&l, stream, grain, logits);
    arena_release(pass->arena, mark);
}

void generator_forward_backward(const generator *g, pass *pass, const stream *stream,
                                matrix x, const int32_t *gold, float scale, matrix dx,
                                generator_result *out)
{
    push_result(pass, x.rows, out);
    size_t mark = arena_mark(pass->arena);
    loss_pass l = {.g = g, .pass = pass, .x = x, .dx = dx, .gold = gold, .scale = scale,
                   .out = out, .sums = gradient_partials(pass, stream, g->output.out)};
    matrix logits = pass_matrix(pass, GENERATOR_ROWS, g->output.out);
    size_t plane = grain_stack_scratch(pass->tree, (size_t)SYMBOLS * (size_t)x.cols);

    l.scratch = arena_push(pass->arena, plane * (size_t)blocks(&l), sizeof(float));
    for (int grain = 0; grain < stream->packed.grains; grain++)
        run_grain(&l, stream, grain, logits);
    linear_backward_bias(&g->output, pass, stream, l.sums);
    arena_release(pass->arena, mark);
}

void generator_logits(const generator *g, matrix x, matrix logits)
{
    linear_forward(&g->output, x, logits);
}

/* attention_block.c - multi-head attention with its residual and norm. */
#include "lockstep/nn/attention_block.h"

#include <omp.h>
#include <stdio.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

status attention_block_add(parameters *p, attention_block_names *out, const char *layer,
                           const char *attention, const char *norm, int width, bool over_batch)
{
    char prefix[PARAMETER_NAME];

    snprintf(prefix, sizeof(prefix), "%s%s.in_proj_", layer, attention);
    TRY(linear_add(p, &out->in_proj, prefix, width, 3 * width));
    snprintf(prefix, sizeof(prefix), "%s%s.out_proj.", layer, attention);
    TRY(linear_add(p, &out->out_proj, prefix, width, width));
    snprintf(prefix, sizeof(prefix), "%s%s.", layer, norm);
    return norm_add(p, &out->norm, prefix, width, over_batch);
}

void attention_block_view(const parameters *p, const attention_block_names *names,
                          attention_block *out)
{
    out->in_proj = linear_view(p, names->in_proj);
    out->out_proj = linear_view(p, names->out_proj);
    out->norm = norm_view(p, &names->norm);
    out->width = out->out_proj.out;
}

/* The three parts of the projections, wherever they were made. */
typedef struct parts {
    matrix q, k, v;
} parts;

static parts split_parts(const attention_block *b, matrix projected, matrix memory_projected)
{
    int w = b->width;

    if (b->cross)
        return (parts){projected, matrix_cols(memory_projected, 0, w),
                       matrix_cols(memory_projected, w, w)};
    return (parts){matrix_cols(projected, 0, w), matrix_cols(projected, w, w),
                   matrix_cols(projected, 2 * w, w)};
}

/* in_proj's part that reads the queries' stream, and the one that reads the memory. */
static linear query_proj(const attention_block *b)
{
    return b->cross ? linear_rows(b->in_proj, 0, b->width) : b->in_proj;
}

static linear memory_proj(const attention_block *b)
{
    return linear_rows(b->in_proj, b->width, 2 * b->width);
}

static void project_forward(const attention_block *b, pass *pass, const stream *queries,
                            attention_block_saved *saved)
{
    linear proj = query_proj(b);
    const tiles *tiles = &queries->tiles;

    saved->in = b->norm_first ? pass_matrix(pass, saved->x.rows, b->width) : saved->x;
    saved->projected = pass_matrix(pass, saved->x.rows, proj.out);
    if (b->norm_first && b->norm.over_batch)
        norm_forward(&b->norm, pass, queries, saved->x, saved->in, &saved->norm);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        if (b->norm_first && !b->norm.over_batch)
            norm_forward_tile(&b->norm, tile, saved->x, (matrix){0}, NULL, NULL, saved->in,
                              &saved->norm);
        linear_forward(&proj, tile_rows(saved->in, tile), tile_rows(saved->projected, tile));
    }
}

static void project_memory(const attention_block *b, pass *pass, const stream *keys,
                           attention_block_saved *saved)
{
    linear proj = memory_proj(b);
    const tiles *tiles = &keys->tiles;

    saved->memory_projected = pass_matrix(pass, saved->memory.rows, proj.out);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++)
        linear_forward(&proj, tile_rows(saved->memory, &tiles->list[t]),
                       tile_rows(saved->memory_projected, &tiles->list[t]));
}

static void output_forward(const attention_block *b, pass *pass, const stream *queries,
                           matrix y, attention_block_saved *saved)
{
    const tiles *tiles = &queries->tiles;
    size_t mark = arena_mark(pass->arena);
    matrix branches = pass_matrix(pass, pass->threads * TILE_ROWS, b->width);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        dropout d;
        const dropout *drop = pass_dropout(pass, b->dropout, b->site, queries, tile, &d);
        matrix branch = matrix_rows(branches, omp_get_thread_num() * TILE_ROWS, tile->rows);
        linear_product(&b->out_proj, tile_rows(saved->context, tile), branch);
        if (b->norm_first)
            kernels_get()->residual_add(tile_rows(saved->x, tile), branch, b->out_proj.bias,
                                        drop, tile_rows(y, tile));
        else
            norm_forward_tile(&b->norm, tile, saved->x, branch, b->out_proj.bias, drop, y,
                              &saved->norm);
    }
    if (!b->norm_first)
        norm_forward_end(&b->norm, pass, queries, y, &saved->norm);
    arena_release(pass->arena, mark);
}

void attention_block_forward(const attention_block *b, pass *pass, const stream *queries,
                             const stream *keys, matrix x, matrix memory, matrix y,
                             attention_block_saved *saved)
{
    *saved = (attention_block_saved){.x = x, .memory = memory};
    norm_push(&b->norm, pass, queries, &saved->norm);
    project_forward(b, pass, queries, saved);
    if (b->cross)
        project_memory(b, pass, keys, saved);
    saved->context = pass_matrix(pass, x.rows, b->width);
    parts p = split_parts(b, saved->projected, saved->memory_projected);
    attention_forward(&b->attention, pass, queries, b->cross ? keys : queries, p.q, p.k, p.v,
                      saved->context, &saved->attention);
    output_forward(b, pass, queries, y, saved);
}

/* From dy to the gradients of the branch, of the residual (into dx, post-norm only) and of
 * the context. */
static void output_backward(const attention_block *b, pass *pass, const stream *queries,
                            matrix dy, matrix dx, matrix dbranch, matrix dcontext,
                            attention_block_saved *saved)
{
    const tiles *tiles = &queries->tiles;
    float *sums = gradient_partials(pass, queries, b->width);
    product_sum weight = linear_weight_begin(&b->out_proj, pass);

    if (!b->norm_first)
        norm_backward_begin(&b->norm, pass, queries, dy, &saved->norm);
    for (int g = 0; g < queries->packed.grains; g++) {
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = tiles->grain_first[g]; t < tiles->grain_first[g + 1]; t++) {
            const tile *tile = &tiles->list[t];
            dropout d;
            const dropout *drop = pass_dropout(pass, b->dropout, b->site, queries, tile, &d);
            float *sum = sums + (size_t)t * (size_t)b->width;
            if (b->norm_first)
                kernels_get()->residual_backward(tile_rows(dy, tile), drop,
                                                 tile_rows(dbranch, tile), sum);
            else
                norm_backward_tile(&b->norm, tile, t, dy, (matrix){0}, dx,
                                   &(norm_branch){drop, dbranch, sum}, &saved->norm);
            linear_backward(&b->out_proj, tile_rows(dbranch, tile), 0.0f,
                            tile_rows(dcontext, tile));
        }
        gradient_product_add(pass, queries, &weight, g, dbranch, saved->context);
    }
    linear_backward_bias(&b->out_proj, pass, queries, sums);
}

static void project_backward(const attention_block *b, pass *pass, const stream *queries,
                             matrix dprojected, matrix dy, matrix dx,
                             attention_block_saved *saved)
{
    linear proj = query_proj(b);
    const tiles *tiles = &queries->tiles;
    float *sums = gradient_partials(pass, queries, proj.out);
    product_sum weight = linear_weight_begin(&proj, pass);

    for (int g = 0; g < queries->packed.grains; g++) {
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = tiles->grain_first[g]; t < tiles->grain_first[g + 1]; t++) {
            const tile *tile = &tiles->list[t];
            matrix dp = tile_rows(dprojected, tile);
            kernels_get()->column_sums(dp, sums + (size_t)t * (size_t)proj.out);
            linear_backward(&proj, dp, b->norm_first ? 0.0f : 1.0f, tile_rows(dx, tile));
            if (b->norm_first && !b->norm.over_batch)
                norm_backward_tile(&b->norm, tile, t, dx, dy, dx, &(norm_branch){0},
                                   &saved->norm);
        }
        gradient_product_add(pass, queries, &weight, g, dprojected, saved->in);
    }
    if (b->norm_first && b->norm.over_batch)
        norm_backward(&b->norm, pass, queries, dx, dy, dx, &saved->norm);
    linear_backward_bias(&proj, pass, queries, sums);
}

static void memory_backward(const attention_block *b, pass *pass, const stream *keys,
                            matrix dprojected, matrix dmemory, bool add,
                            attention_block_saved *saved)
{
    linear proj = memory_proj(b);
    const tiles *tiles = &keys->tiles;
    float *sums = gradient_partials(pass, keys, proj.out);
    product_sum weight = linear_weight_begin(&proj, pass);

    for (int g = 0; g < keys->packed.grains; g++) {
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = tiles->grain_first[g]; t < tiles->grain_first[g + 1]; t++) {
            matrix dp = tile_rows(dprojected, &tiles->list[t]);
            kernels_get()->column_sums(dp, sums + (size_t)t * (size_t)proj.out);
            linear_backward(&proj, dp, add ? 1.0f : 0.0f, tile_rows(dmemory, &tiles->list[t]));
        }
        gradient_product_add(pass, keys, &weight, g, dprojected, saved->memory);
    }
    linear_backward_bias(&proj, pass, keys, sums);
}

void attention_block_backward(const attention_block *b, pass *pass, const stream *queries,
                              const stream *keys, matrix dy, matrix dx, matrix dmemory,
                              bool add, attention_block_saved *saved)
{
    size_t mark = arena_mark(pass->arena);
    int rows = dy.rows;
    bool dropped = pass->dropout && b->dropout > 0.0;
    /* Without dropout the branch's gradient is the residual's, or dy itself. */
    matrix dbranch = dropped ? pass_matrix(pass, rows, b->width) : (b->norm_first ? dy : dx);
    matrix dcontext = pass_matrix(pass, rows, b->width);
    matrix dprojected = pass_matrix(pass, rows, saved->projected.cols);
    matrix dmemory_projected = {0};

    if (b->cross)
        dmemory_projected = pass_matrix(pass, saved->memory.rows, 2 * b->width);
    norm_push_partials(&b->norm, pass, queries, &saved->norm);
    output_backward(b, pass, queries, dy, dx, dbranch, dcontext, saved);
    parts p = split_parts(b, saved->projected, saved->memory_projected);
    parts d = split_parts(b, dprojected, dmemory_projected);
    attention_backward(&b->attention, pass, queries, b->cross ? keys : queries, p.q, p.k, p.v,
                       dcontext, &saved->attention, d.q, d.k, d.v);
    project_backward(b, pass, queries, dprojected, dy, dx, saved);
    if (b->cross)
        memory_backward(b, pass, keys, dmemory_projected, dmemory, add, saved);
    norm_backward_parameters(&b->norm, pass, queries, &saved->norm);
    arena_release(pass->arena, mark);
}

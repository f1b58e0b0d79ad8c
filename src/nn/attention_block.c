/* attention_block.c - multi-head attention with its residual and norm. */
#include "lockstep/nn/attention_block.h"

#include <omp.h>
#include <stdio.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

status attention_block_add(parameters *p, attention_block_indices *out, const char *layer,
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

void attention_block_view(const parameters *p, const weight_slab *weights,
                          const attention_block_indices *indices, attention_block *out)
{
    out->in_proj = linear_view(p, weights, indices->in_proj);
    out->out_proj = linear_view(p, weights, indices->out_proj);
    out->norm = norm_view(p, &indices->norm);
    out->width = out->out_proj.out;
}

/* The three parts of the projections, wherever they were made. */
typedef struct parts {
    factor q, k, v;
} parts;

static parts split_parts(const attention_block *b, factor projected, factor memory_projected)
{
    int w = b->width;

    if (b->cross)
        return (parts){projected, factor_cols(memory_projected, 0, w),
                       factor_cols(memory_projected, w, w)};
    return (parts){factor_cols(projected, 0, w), factor_cols(projected, w, w),
                   factor_cols(projected, 2 * w, w)};
}

/* What heads read and write: rounded, if at all, where each has an even number of columns. */
static factor push_heads(const attention_block *b, pass *pass, int rows, int cols)
{
    if (b->attention.head_width % 2 == 0)
        return pass_factor(pass, rows, cols);
    return factor_of(pass_matrix(pass, rows, cols));
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
                            band band, attention_block_saved *saved)
{
    linear proj = query_proj(b);
    const tiles *tiles = &queries->tiles;
    const int *first = tiles->grain_first;
    size_t mark = arena_mark(pass->arena);
    matrix room = pass_rounding(pass, saved->projected);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++) {
        const tile *tile = &tiles->list[t];
        if (b->norm_first && !b->norm.over_batch)
            norm_forward_tile(&b->norm, tile, saved->x, (matrix){0}, NULL, NULL, saved->in,
                              &saved->norm);
        linear_forward_factor(&proj, tile_rows(saved->in, tile),
                              factor_rows(saved->projected, tile->first, tile->rows),
                              pass_rounding_own(room));
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

static void project_memory(const attention_block *b, pass *pass, const stream *keys, band band,
                           attention_block_saved *saved)
{
    linear proj = memory_proj(b);
    const tiles *tiles = &keys->tiles;
    const int *first = tiles->grain_first;
    size_t mark = arena_mark(pass->arena);
    matrix room = pass_rounding(pass, saved->memory_projected);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++) {
        const tile *tile = &tiles->list[t];
        linear_forward_factor(&proj, tile_rows(saved->memory, tile),
                              factor_rows(saved->memory_projected, tile->first, tile->rows),
                              pass_rounding_own(room));
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

/* `branches`: room for a tile of each thread. */
static void output_forward(const attention_block *b, pass *pass, const stream *queries,
                           band band, matrix branches, matrix y, attention_block_saved *saved)
{
    const tiles *tiles = &queries->tiles;
    const int *first = tiles->grain_first;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++) {
        const tile *tile = &tiles->list[t];
        dropout d;
        const dropout *drop = pass_dropout(pass, b->dropout, b->site, queries, tile, &d);
        matrix branch = matrix_rows(branches, omp_get_thread_num() * TILE_ROWS, tile->rows);
        linear_product(&b->out_proj, factor_rows(saved->context, tile->first, tile->rows),
                       branch);
        if (b->norm_first)
            kernels_get()->residual_add(tile_rows(saved->x, tile), branch, b->out_proj.bias,
                                        drop, tile_rows(y, tile));
        else
            norm_forward_tile(&b->norm, tile, saved->x, branch, b->out_proj.bias, drop, y,
                              &saved->norm);
        pass_move(pass);
    }
}

static void push_saved(const attention_block *b, pass *pass, const stream *queries,
                       const stream *keys, attention_block_saved *saved)
{
    int rows = saved->x.rows;

    norm_push(&b->norm, pass, queries, &saved->norm);
    saved->in = b->norm_first ? pass_matrix(pass, rows, b->width) : saved->x;
    saved->projected = push_heads(b, pass, rows, query_proj(b).out);
    saved->context = push_heads(b, pass, rows, b->width);
    attention_push(&b->attention, pass, queries, keys, &saved->attention);
}

attention_memory attention_memory_push(const attention_block *b, pass *pass, matrix rows)
{
    return (attention_memory){.rows = rows,
                              .projected = push_heads(b, pass, rows.rows, 2 * rows.cols)};
}

void attention_block_forward(const attention_block *b, pass *pass, const stream *queries,
                             const stream *keys, matrix x, attention_memory *memory, matrix y,
                             attention_block_saved *saved)
{
    keys = b->cross ? keys : queries;
    *saved = (attention_block_saved){.x = x};
    if (b->cross) {
        saved->memory = memory->rows;
        saved->memory_projected = memory->projected;
    }
    push_saved(b, pass, queries, keys, saved);
    if (b->norm_first && b->norm.over_batch)
        norm_forward(&b->norm, pass, queries, x, saved->in, &saved->norm);
    parts p = split_parts(b, saved->projected, saved->memory_projected);
    size_t mark = arena_mark(pass->arena);
    matrix branches = pass_matrix(pass, pass->threads * TILE_ROWS, b->width);

    for (band band = pass_band(pass, queries, 0); band.first < band.end;
         band = pass_band(pass, queries, band.end)) {
        project_forward(b, pass, queries, band, saved);
        if (b->cross && !memory->made)
            project_memory(b, pass, keys, band, saved);
        attention_forward(&b->attention, pass, queries, keys, band, p.q, p.k, p.v,
                          saved->context, &saved->attention);
        output_forward(b, pass, queries, band, branches, y, saved);
    }
    if (b->cross)
        memory->made = true;
    if (!b->norm_first)
        norm_forward_end(&b->norm, pass, queries, y, &saved->norm);
    arena_release(pass->arena, mark);
}

void attention_block_remember(const attention_block *b, pass *pass, const stream *keys,
                              matrix memory, attention_cache *cache)
{
    const packed *packed = &keys->packed;
    int w = b->width;
    size_t mark = arena_mark(pass->arena);
    matrix projected = pass_matrix(pass, memory.rows, 2 * w);
    attention_block_saved saved = {.memory = memory, .memory_projected = factor_of(projected)};

    project_memory(b, pass, keys, (band){0, packed->grains}, &saved);
    for (int s = 0; s < packed->sequences; s++)
        for (int32_t r = packed->offsets[s]; r < packed->offsets[s + 1]; r++) {
            const float *row = matrix_row(projected, r);
            attention_cache_add(cache, s, row, row + w);
        }
    arena_release(pass->arena, mark);
}

void attention_block_step(const attention_block *b, pass *pass, const stream *rows,
                          attention_cache *cache, const int32_t *sequences, matrix x, matrix y)
{
    const band all = {0, rows->packed.grains};
    size_t mark = arena_mark(pass->arena);
    matrix projected = pass_matrix(pass, x.rows, query_proj(b).out);
    matrix context = pass_matrix(pass, x.rows, b->width);
    attention_block_saved saved = {.x = x,
                                   .in =
                                       b->norm_first ? pass_matrix(pass, x.rows, b->width) : x,
                                   .projected = factor_of(projected),
                                   .context = factor_of(context)};

    norm_push(&b->norm, pass, rows, &saved.norm);
    if (b->norm_first && b->norm.over_batch)
        norm_forward(&b->norm, pass, rows, x, saved.in, &saved.norm);
    project_forward(b, pass, rows, all, &saved);
    for (int i = 0; i < x.rows && !b->cross; i++) {
        const float *row = matrix_row(projected, i);
        attention_cache_add(cache, sequences[i], row + b->width, row + 2 * b->width);
    }
    attention_cache_attend(&b->attention, cache, pass->arena, sequences,
                           matrix_cols(projected, 0, b->width), context);
    output_forward(b, pass, rows, all, pass_matrix(pass, pass->threads * TILE_ROWS, b->width),
                   y, &saved);
    if (!b->norm_first)
        norm_forward_end(&b->norm, pass, rows, y, &saved.norm);
    arena_release(pass->arena, mark);
}

/* The way back through a projection of some stream: what in_proj made, or its part for the
 * memory. */
typedef struct projection_flow {
    linear proj;
    const stream *stream;
    matrix in, dprojected;
    matrix din; /* = beta * din + the gradient */
    float beta;
    float *sums; /* column sums over each tile */
    product_sum weight;
} projection_flow;

/* What flows through backward, all rows of it, and the sums on the way. */
typedef struct backward_flow {
    matrix dy, dx, dbranch, dcontext;
    float *sums; /* column sums over each tile */
    product_sum weight;
    projection_flow own, memory;
} backward_flow;

static projection_flow push_projection(pass *pass, linear proj, const stream *stream, matrix in,
                                       matrix din, float beta)
{
    return (projection_flow){.proj = proj,
                             .stream = stream,
                             .in = in,
                             .dprojected = pass_matrix(pass, in.rows, proj.out),
                             .din = din,
                             .beta = beta,
                             .sums = gradient_partials(pass, stream, proj.out),
                             .weight = linear_weight_begin(&proj, pass)};
}

static backward_flow push_flow(const attention_block *b, pass *pass, const stream *queries,
                               matrix dy, matrix dx, const attention_block_saved *saved)
{
    bool dropped = pass->dropout && b->dropout > 0.0;

    return (backward_flow){
        .dy = dy,
        .dx = dx,
        /* Without dropout the branch's gradient is the residual's, or dy itself. */
        .dbranch = dropped ? pass_matrix(pass, dy.rows, b->width) : (b->norm_first ? dy : dx),
        .dcontext = pass_matrix(pass, dy.rows, b->width),
        .sums = gradient_partials(pass, queries, b->width),
        .weight = linear_weight_begin(&b->out_proj, pass),
        .own = push_projection(pass, query_proj(b), queries, saved->in, dx,
                               b->norm_first ? 0.0f : 1.0f)};
}

/* From dy to the gradients of the branch, of the residual (into dx, post-norm only) and of
 * the context. */
static void output_backward(const attention_block *b, pass *pass, const stream *queries,
                            band band, const backward_flow *f, attention_block_saved *saved)
{
    const tiles *tiles = &queries->tiles;
    const int *first = tiles->grain_first;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++) {
        const tile *tile = &tiles->list[t];
        dropout d;
        const dropout *drop = pass_dropout(pass, b->dropout, b->site, queries, tile, &d);
        float *sum = f->sums + (size_t)t * (size_t)b->width;
        if (b->norm_first)
            kernels_get()->residual_backward(tile_rows(f->dy, tile), drop,
                                             tile_rows(f->dbranch, tile), sum);
        else
            norm_backward_tile(&b->norm, tile, t, f->dy, (matrix){0}, f->dx,
                               &(norm_branch){drop, f->dbranch, sum}, &saved->norm);
        linear_backward(&b->out_proj, factor_of(tile_rows(f->dbranch, tile)), 0.0f,
                        tile_rows(f->dcontext, tile));
        pass_move(pass);
    }
    for (int g = band.first; g < band.end; g++)
        gradient_product_add(pass, queries, &f->weight, g, factor_of(f->dbranch),
                             saved->context);
}

static void projection_backward(const projection_flow *f, pass *pass, band band)
{
    const tiles *tiles = &f->stream->tiles;
    const int *first = tiles->grain_first;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++) {
        matrix dprojected = tile_rows(f->dprojected, &tiles->list[t]);
        kernels_get()->column_sums(dprojected, f->sums + (size_t)t * (size_t)f->proj.out);
        linear_backward(&f->proj, factor_of(dprojected), f->beta,
                        tile_rows(f->din, &tiles->list[t]));
        pass_move(pass);
    }
    for (int g = band.first; g < band.end; g++)
        gradient_product_add(pass, f->stream, &f->weight, g, factor_of(f->dprojected),
                             factor_of(f->in));
}

/* Pre-norm: from in_proj's input in dx to the gradient of x. */
static void input_backward(const attention_block *b, pass *pass, const stream *queries,
                           band band, const backward_flow *f, attention_block_saved *saved)
{
    const tiles *tiles = &queries->tiles;
    const int *first = tiles->grain_first;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = first[band.first]; t < first[band.end]; t++)
        norm_backward_tile(&b->norm, &tiles->list[t], t, f->dx, f->dy, f->dx, &(norm_branch){0},
                           &saved->norm);
}

static void bands_backward(const attention_block *b, pass *pass, const stream *queries,
                           const stream *keys, const backward_flow *f,
                           attention_block_saved *saved)
{
    parts p = split_parts(b, saved->projected, saved->memory_projected);
    parts d = split_parts(b, factor_of(f->own.dprojected), factor_of(f->memory.dprojected));

    for (band band = pass_band(pass, queries, 0); band.first < band.end;
         band = pass_band(pass, queries, band.end)) {
        output_backward(b, pass, queries, band, f, saved);
        attention_backward(&b->attention, pass, queries, keys, band, p.q, p.k, p.v, f->dcontext,
                           &saved->attention, d.q.floats, d.k.floats, d.v.floats);
        projection_backward(&f->own, pass, band);
        if (b->cross)
            projection_backward(&f->memory, pass, band);
        if (b->norm_first && !b->norm.over_batch)
            input_backward(b, pass, queries, band, f, saved);
    }
}

void attention_block_backward(const attention_block *b, pass *pass, const stream *queries,
                              const stream *keys, matrix dy, matrix dx, matrix dmemory,
                              bool add, attention_block_saved *saved)
{
    size_t mark = arena_mark(pass->arena);
    backward_flow f = push_flow(b, pass, queries, dy, dx, saved);

    keys = b->cross ? keys : queries;
    if (b->cross)
        f.memory = push_projection(pass, memory_proj(b), keys, saved->memory, dmemory,
                                   add ? 1.0f : 0.0f);
    norm_push_partials(&b->norm, pass, queries, &saved->norm);
    if (!b->norm_first)
        norm_backward_begin(&b->norm, pass, queries, dy, &saved->norm);
    bands_backward(b, pass, queries, keys, &f, saved);
    if (b->norm_first && b->norm.over_batch)
        norm_backward(&b->norm, pass, queries, dx, dy, dx, &saved->norm);
    linear_backward_bias(&b->out_proj, pass, queries, f.sums);
    linear_backward_bias(&f.own.proj, pass, queries, f.own.sums);
    if (b->cross)
        linear_backward_bias(&f.memory.proj, pass, keys, f.memory.sums);
    norm_backward_parameters(&b->norm, pass, queries, &saved->norm);
    arena_release(pass->arena, mark);
}

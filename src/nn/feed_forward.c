/* feed_forward.c - the position-wise feed-forward block with its residual and norm. */
#include "lockstep/nn/feed_forward.h"

#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

status feed_forward_add(parameters *p, feed_forward_indices *out, const char *layer,
                        const char *norm, int width, int hidden, bool over_batch)
{
    char prefix[PARAMETER_NAME];

    snprintf(prefix, sizeof(prefix), "%slinear1.", layer);
    TRY(linear_add(p, &out->linear1, prefix, width, hidden));
    snprintf(prefix, sizeof(prefix), "%slinear2.", layer);
    TRY(linear_add(p, &out->linear2, prefix, hidden, width));
    snprintf(prefix, sizeof(prefix), "%s%s.", layer, norm);
    return norm_add(p, &out->norm, prefix, width, over_batch);
}

void feed_forward_view(const parameters *p, const weight_slab *weights,
                       const feed_forward_indices *indices, feed_forward *out)
{
    out->linear1 = linear_view(p, weights, indices->linear1);
    out->linear2 = linear_view(p, weights, indices->linear2);
    out->norm = norm_view(p, &indices->norm);
}

/* The rows of a tile of something hidden that are made at once: all of them, or as many as
 * there is room for on the way to rounded numbers. */
static tile hidden_part(const tile *tile, factor hidden, int at)
{
    int left = tile->rows - at;

    return tile_part(tile, at, hidden.rounded && left > ROUND_ROWS ? ROUND_ROWS : left);
}

/* Where they are made. */
static matrix hidden_made(const tile *part, factor hidden, matrix room)
{
    return hidden.rounded ? matrix_rows(room, 0, part->rows) : tile_rows(hidden.floats, part);
}

static void hidden_round(const tile *part, factor hidden, matrix made)
{
    if (hidden.rounded)
        kernels_get()->round(made, NULL, tile_rows(hidden.floats, part));
}

/* Where a thread makes what is rounded: linear1's output, for gelu, and the hidden layer. */
typedef struct rooms {
    matrix linear, hidden;
} rooms;

static rooms push_rooms(pass *pass, const feed_forward_saved *saved)
{
    return (rooms){pass_rounding(pass, saved->linear), pass_rounding(pass, saved->hidden)};
}

static rooms rooms_own(const rooms *all)
{
    return (rooms){pass_rounding_own(all->linear), pass_rounding_own(all->hidden)};
}

/* act(linear1(in)) with dropout, for some rows of a tile. */
static void part_forward(const feed_forward *f, const pass *pass, const stream *stream,
                         const tile *part, const rooms *rooms, feed_forward_saved *saved)
{
    dropout d;
    const dropout *drop =
        pass_dropout(pass, f->activation_dropout, f->site + 1, stream, part, &d);
    factor in = factor_of(tile_rows(saved->in, part));
    matrix made = hidden_made(part, saved->hidden, rooms->hidden);

    if (f->gelu) {
        matrix linear = hidden_made(part, saved->linear, rooms->linear);
        linear_product(&f->linear1, in, linear);
        kernels_get()->bias_gelu(linear, f->linear1.bias, made, drop);
        hidden_round(part, saved->linear, linear);
    } else {
        linear_product(&f->linear1, in, made);
        kernels_get()->bias_relu(made, f->linear1.bias, drop);
    }
    hidden_round(part, saved->hidden, made);
}

static void hidden_forward(const feed_forward *f, const pass *pass, const stream *stream,
                           const tile *tile, const rooms *rooms, feed_forward_saved *saved)
{
    for (int at = 0; at < tile->rows;) {
        struct tile part = hidden_part(tile, saved->hidden, at);
        part_forward(f, pass, stream, &part, rooms, saved);
        at += part.rows;
    }
}

static void tile_forward(const feed_forward *f, const pass *pass, const stream *stream,
                         const tile *tile, const rooms *rooms, matrix branch, matrix y,
                         feed_forward_saved *saved)
{
    dropout d;
    const dropout *drop = pass_dropout(pass, f->dropout, f->site, stream, tile, &d);

    if (f->norm_first && !f->norm.over_batch)
        norm_forward_tile(&f->norm, tile, saved->x, (matrix){0}, NULL, NULL, saved->in,
                          &saved->norm);
    hidden_forward(f, pass, stream, tile, rooms, saved);
    pass_move(pass);
    linear_product(&f->linear2, factor_rows(saved->hidden, tile->first, tile->rows), branch);
    if (f->norm_first)
        kernels_get()->residual_add(tile_rows(saved->x, tile), branch, f->linear2.bias, drop,
                                    tile_rows(y, tile));
    else
        norm_forward_tile(&f->norm, tile, saved->x, branch, f->linear2.bias, drop, y,
                          &saved->norm);
}

void feed_forward_forward(const feed_forward *f, pass *pass, const stream *stream, matrix x,
                          matrix y, feed_forward_saved *saved)
{
    const tiles *tiles = &stream->tiles;
    int hidden = f->linear1.out;

    *saved = (feed_forward_saved){.x = x};
    norm_push(&f->norm, pass, stream, &saved->norm);
    saved->in = f->norm_first ? pass_matrix(pass, x.rows, x.cols) : x;
    saved->hidden = pass_factor(pass, x.rows, hidden);
    if (f->gelu)
        saved->linear = pass_factor(pass, x.rows, hidden);
    if (f->norm_first && f->norm.over_batch)
        norm_forward(&f->norm, pass, stream, x, saved->in, &saved->norm);
    size_t mark = arena_mark(pass->arena);
    matrix branches = pass_matrix(pass, pass->threads * TILE_ROWS, x.cols);
    rooms all = push_rooms(pass, saved);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        matrix branch = matrix_rows(branches, omp_get_thread_num() * TILE_ROWS, tile->rows);
        rooms own = rooms_own(&all);
        tile_forward(f, pass, stream, tile, &own, branch, y, saved);
        pass_move(pass);
    }
    if (!f->norm_first)
        norm_forward_end(&f->norm, pass, stream, y, &saved->norm);
    arena_release(pass->arena, mark);
}

/* What flows through backward, all rows of it. */
typedef struct backward_flow {
    matrix dy, dx, dbranch;
    factor dhidden;
    matrix room;               /* of all threads, for what is rounded */
    float *sums, *hidden_sums; /* column sums over each tile: [tiles, width], [tiles, hidden] */
} backward_flow;

/* From the branch's gradient to that of linear1's output, for some rows of a tile. */
static void part_backward(const feed_forward *f, const pass *pass, const stream *stream,
                          const tile *part, const backward_flow *b, float *sum,
                          feed_forward_saved *saved)
{
    dropout d;
    const dropout *drop =
        pass_dropout(pass, f->activation_dropout, f->site + 1, stream, part, &d);
    matrix made = hidden_made(part, b->dhidden, pass_rounding_own(b->room));

    linear_backward(&f->linear2, factor_of(tile_rows(b->dbranch, part)), 0.0f, made);
    if (f->gelu)
        kernels_get()->gelu_backward(made, factor_rows(saved->linear, part->first, part->rows),
                                     gemm_rounds(), drop, sum);
    else
        kernels_get()->relu_backward(made, factor_rows(saved->hidden, part->first, part->rows),
                                     drop == NULL ? 1.0f : drop->scale, sum);
    hidden_round(part, b->dhidden, made);
}

static void hidden_backward(const feed_forward *f, const pass *pass, const stream *stream,
                            int number, const backward_flow *b, feed_forward_saved *saved)
{
    const tile *tile = &stream->tiles.list[number];
    int cols = factor_width(b->dhidden);
    float *sum = b->hidden_sums + (size_t)number * (size_t)cols;

    memset(sum, 0, (size_t)cols * sizeof(*sum));
    for (int at = 0; at < tile->rows;) {
        struct tile part = hidden_part(tile, b->dhidden, at);
        part_backward(f, pass, stream, &part, b, sum, saved);
        at += part.rows;
    }
}

/* From dy to the gradients of the branch, of the residual (into dx, post-norm only) and of
 * linear1's output, for one tile. */
static void output_backward(const feed_forward *f, const pass *pass, const stream *stream,
                            int number, const backward_flow *b, feed_forward_saved *saved)
{
    const tile *tile = &stream->tiles.list[number];
    dropout d;
    const dropout *drop = pass_dropout(pass, f->dropout, f->site, stream, tile, &d);
    float *sum = b->sums + (size_t)number * (size_t)b->dy.cols;

    if (f->norm_first)
        kernels_get()->residual_backward(tile_rows(b->dy, tile), drop,
                                         tile_rows(b->dbranch, tile), sum);
    else
        norm_backward_tile(&f->norm, tile, number, b->dy, (matrix){0}, b->dx,
                           &(norm_branch){drop, b->dbranch, sum}, &saved->norm);
    hidden_backward(f, pass, stream, number, b, saved);
}

/* From linear1's output to dx, for one tile. */
static void input_backward(const feed_forward *f, const stream *stream, int number,
                           const backward_flow *b, feed_forward_saved *saved)
{
    const tile *tile = &stream->tiles.list[number];

    linear_backward(&f->linear1, factor_rows(b->dhidden, tile->first, tile->rows),
                    f->norm_first ? 0.0f : 1.0f, tile_rows(b->dx, tile));
    if (f->norm_first && !f->norm.over_batch)
        norm_backward_tile(&f->norm, tile, number, b->dx, b->dy, b->dx, &(norm_branch){0},
                           &saved->norm);
}

/* Band by band, while its rows are in cache. linear2's gradient comes before input_backward,
 * which may write over the branch's gradient. */
static void bands_backward(const feed_forward *f, pass *pass, const stream *stream,
                           const backward_flow *b, feed_forward_saved *saved)
{
    product_sum weight1 = linear_weight_begin(&f->linear1, pass);
    product_sum weight2 = linear_weight_begin(&f->linear2, pass);
    const int *first = stream->tiles.grain_first;

    if (!f->norm_first)
        norm_backward_begin(&f->norm, pass, stream, b->dy, &saved->norm);
    for (band band = pass_band(pass, stream, 0); band.first < band.end;
         band = pass_band(pass, stream, band.end)) {
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = first[band.first]; t < first[band.end]; t++) {
            output_backward(f, pass, stream, t, b, saved);
            pass_move(pass);
        }
        for (int g = band.first; g < band.end; g++)
            gradient_product_add(pass, stream, &weight2, g, factor_of(b->dbranch),
                                 saved->hidden);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = first[band.first]; t < first[band.end]; t++) {
            input_backward(f, stream, t, b, saved);
            pass_move(pass);
        }
        for (int g = band.first; g < band.end; g++)
            gradient_product_add(pass, stream, &weight1, g, b->dhidden, factor_of(saved->in));
    }
    if (f->norm_first && f->norm.over_batch)
        norm_backward(&f->norm, pass, stream, b->dx, b->dy, b->dx, &saved->norm);
}

void feed_forward_backward(const feed_forward *f, pass *pass, const stream *stream, matrix dy,
                           matrix dx, feed_forward_saved *saved)
{
    size_t mark = arena_mark(pass->arena);
    bool dropped = pass->dropout && f->dropout > 0.0;
    backward_flow b = {
        .dy = dy,
        .dx = dx,
        /* Without dropout the branch's gradient is the residual's, or dy itself. */
        .dbranch = dropped ? pass_matrix(pass, dy.rows, dy.cols) : (f->norm_first ? dy : dx),
        .dhidden = pass_factor(pass, dy.rows, f->linear1.out),
        .sums = gradient_partials(pass, stream, dy.cols),
        .hidden_sums = gradient_partials(pass, stream, f->linear1.out)};

    b.room = pass_rounding(pass, b.dhidden);
    norm_push_partials(&f->norm, pass, stream, &saved->norm);
    bands_backward(f, pass, stream, &b, saved);
    linear_backward_bias(&f->linear2, pass, stream, b.sums);
    linear_backward_bias(&f->linear1, pass, stream, b.hidden_sums);
    norm_backward_parameters(&f->norm, pass, stream, &saved->norm);
    arena_release(pass->arena, mark);
}

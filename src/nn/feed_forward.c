/* feed_forward.c - the position-wise feed-forward block with its residual and norm. */
#include "lockstep/nn/feed_forward.h"

#include <omp.h>
#include <stdio.h>

#include "lockstep/nn/parameter_gradient.h"
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

/* act(linear1(in)) with dropout, for one tile. */
static void hidden_forward(const feed_forward *f, const pass *pass, const stream *stream,
                           const tile *tile, feed_forward_saved *saved)
{
    dropout d;
    const dropout *drop =
        pass_dropout(pass, f->activation_dropout, f->site + 1, stream, tile, &d);
    matrix in = tile_rows(saved->in, tile), hidden = tile_rows(saved->hidden, tile);

    if (f->gelu) {
        matrix linear = tile_rows(saved->linear, tile);
        linear_product(&f->linear1, in, linear);
        kernels_get()->bias_gelu(linear, f->linear1.bias, hidden, drop);
    } else {
        linear_product(&f->linear1, in, hidden);
        kernels_get()->bias_relu(hidden, f->linear1.bias, drop);
    }
}

static void tile_forward(const feed_forward *f, const pass *pass, const stream *stream,
                         const tile *tile, matrix branch, matrix y, feed_forward_saved *saved)
{
    dropout d;
    const dropout *drop = pass_dropout(pass, f->dropout, f->site, stream, tile, &d);

    if (f->norm_first && !f->norm.over_batch)
        norm_forward_tile(&f->norm, tile, saved->x, (matrix){0}, NULL, NULL, saved->in,
                          &saved->norm);
    hidden_forward(f, pass, stream, tile, saved);
    pass_move(pass);
    linear_product(&f->linear2, tile_rows(saved->hidden, tile), branch);
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
    saved->hidden = pass_matrix(pass, x.rows, hidden);
    if (f->gelu)
        saved->linear = pass_matrix(pass, x.rows, hidden);
    if (f->norm_first && f->norm.over_batch)
        norm_forward(&f->norm, pass, stream, x, saved->in, &saved->norm);
    size_t mark = arena_mark(pass->arena);
    matrix branches = pass_matrix(pass, pass->threads * TILE_ROWS, x.cols);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        matrix branch = matrix_rows(branches, omp_get_thread_num() * TILE_ROWS, tile->rows);
        tile_forward(f, pass, stream, tile, branch, y, saved);
        pass_move(pass);
    }
    if (!f->norm_first)
        norm_forward_end(&f->norm, pass, stream, y, &saved->norm);
    arena_release(pass->arena, mark);
}

/* What flows through backward, all rows of it. */
typedef struct backward_flow {
    matrix dy, dx, dbranch, dhidden;
    float *sums, *hidden_sums; /* column sums over each tile: [tiles, width], [tiles, hidden] */
} backward_flow;

/* From dy to the gradients of the branch, of the residual (into dx, post-norm only) and of
 * linear1's output, for one tile. */
static void output_backward(const feed_forward *f, const pass *pass, const stream *stream,
                            int number, const backward_flow *b, feed_forward_saved *saved)
{
    const tile *tile = &stream->tiles.list[number];
    dropout d, dh;
    const dropout *drop = pass_dropout(pass, f->dropout, f->site, stream, tile, &d);
    const dropout *hidden_drop =
        pass_dropout(pass, f->activation_dropout, f->site + 1, stream, tile, &dh);
    float *sum = b->sums + (size_t)number * (size_t)b->dy.cols;
    float *hidden_sum = b->hidden_sums + (size_t)number * (size_t)b->dhidden.cols;
    matrix dbranch = tile_rows(b->dbranch, tile), dhidden = tile_rows(b->dhidden, tile);

    if (f->norm_first)
        kernels_get()->residual_backward(tile_rows(b->dy, tile), drop, dbranch, sum);
    else
        norm_backward_tile(&f->norm, tile, number, b->dy, (matrix){0}, b->dx,
                           &(norm_branch){drop, b->dbranch, sum}, &saved->norm);
    linear_backward(&f->linear2, dbranch, 0.0f, dhidden);
    if (f->gelu)
        kernels_get()->gelu_backward(dhidden, tile_rows(saved->linear, tile), hidden_drop,
                                     hidden_sum);
    else
        kernels_get()->relu_backward(dhidden, tile_rows(saved->hidden, tile),
                                     hidden_drop == NULL ? 1.0f : hidden_drop->scale,
                                     hidden_sum);
}

/* From linear1's output to dx, for one tile. */
static void input_backward(const feed_forward *f, const stream *stream, int number,
                           const backward_flow *b, feed_forward_saved *saved)
{
    const tile *tile = &stream->tiles.list[number];

    linear_backward(&f->linear1, tile_rows(b->dhidden, tile), f->norm_first ? 0.0f : 1.0f,
                    tile_rows(b->dx, tile));
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
            gradient_product_add(pass, stream, &weight2, g, b->dbranch, saved->hidden);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int t = first[band.first]; t < first[band.end]; t++) {
            input_backward(f, stream, t, b, saved);
            pass_move(pass);
        }
        for (int g = band.first; g < band.end; g++)
            gradient_product_add(pass, stream, &weight1, g, b->dhidden, saved->in);
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
        .dhidden = pass_matrix(pass, dy.rows, f->linear1.out),
        .sums = gradient_partials(pass, stream, dy.cols),
        .hidden_sums = gradient_partials(pass, stream, f->linear1.out)};

    norm_push_partials(&f->norm, pass, stream, &saved->norm);
    bands_backward(f, pass, stream, &b, saved);
    linear_backward_bias(&f->linear2, pass, stream, b.sums);
    linear_backward_bias(&f->linear1, pass, stream, b.hidden_sums);
    norm_backward_parameters(&f->norm, pass, stream, &saved->norm);
    arena_release(pass->arena, mark);
}

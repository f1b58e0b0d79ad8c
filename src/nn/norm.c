/* norm.c - the norm of a block, whichever the configuration chose. */
#include "lockstep/nn/norm.h"

status norm_add(parameters *p, norm_indices *out, const char *prefix, int width,
                bool over_batch)
{
    out->over_batch = over_batch;
    if (over_batch)
        return batch_norm_add(p, &out->batch, prefix, width);
    return layer_norm_add(p, &out->layer, prefix, width);
}

norm norm_view(const parameters *p, const norm_indices *indices)
{
    norm n = {.over_batch = indices->over_batch};

    if (n.over_batch)
        n.batch = batch_norm_view(p, &indices->batch);
    else
        n.layer = layer_norm_view(p, indices->layer);
    return n;
}

void norm_push(const norm *n, pass *pass, const stream *stream, norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_push(&n->batch, pass, stream, &saved->batch);
    else
        layer_norm_push(&n->layer, pass, stream, &saved->layer);
}

void norm_push_partials(const norm *n, pass *pass, const stream *stream, norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_push_partials(&n->batch, pass, stream, &saved->batch);
    else
        layer_norm_push_partials(&n->layer, pass, stream, &saved->layer);
}

void norm_forward_tile(const norm *n, const tile *tile, matrix x, matrix branch,
                       const float *branch_bias, const dropout *dropout, matrix y,
                       norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_add_tile(tile, x, branch, branch_bias, dropout, &saved->batch);
    else
        layer_norm_forward(&n->layer, tile, x, branch, branch_bias, dropout, y, &saved->layer);
}

void norm_forward_end(const norm *n, pass *pass, const stream *stream, matrix y,
                      norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_forward_end(&n->batch, pass, stream, y, &saved->batch);
}

void norm_backward_begin(const norm *n, pass *pass, const stream *stream, matrix dy,
                         norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_backward_begin(&n->batch, pass, stream, dy, &saved->batch);
}

void norm_backward_tile(const norm *n, const tile *tile, int tile_number, matrix dy,
                        matrix carry, matrix ds, const norm_branch *branch, norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_backward(&n->batch, tile, dy, carry, ds, branch, &saved->batch);
    else
        layer_norm_backward(&n->layer, tile, tile_number, dy, carry, ds, branch, &saved->layer);
}

void norm_forward(const norm *n, pass *pass, const stream *stream, matrix x, matrix y,
                  norm_saved *saved)
{
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++)
        norm_forward_tile(n, &stream->tiles.list[t], x, (matrix){0}, NULL, NULL, y, saved);
    norm_forward_end(n, pass, stream, y, saved);
}

void norm_backward(const norm *n, pass *pass, const stream *stream, matrix dy, matrix carry,
                   matrix ds, norm_saved *saved)
{
    norm_backward_begin(n, pass, stream, dy, saved);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++)
        norm_backward_tile(n, &stream->tiles.list[t], t, dy, carry, ds, &(norm_branch){0},
                           saved);
}

void norm_backward_parameters(const norm *n, pass *pass, const stream *stream,
                              const norm_saved *saved)
{
    if (n->over_batch)
        batch_norm_backward_parameters(&n->batch, pass, stream, &saved->batch);
    else
        layer_norm_backward_parameters(&n->layer, pass, stream, &saved->layer);
}

/* frames.c - a frame of sound and its place to a row. */
#include "lockstep/nn/frames.h"

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

void frames_forward(const frames *f, pass *pass, const stream *stream, matrix x,
                    frames_saved *saved)
{
    const tiles *tiles = &stream->tiles;

    saved->in = spec_augment_push(&f->augment, pass, &stream->packed);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        matrix rows = tile_rows(x, tile);
        dropout d;
        linear_product(&f->projection, factor_of(tile_rows(saved->in, tile)), rows);
        kernels_get()->place_add(rows, f->projection.bias, f->positions,
                                 stream->places + tile->first,
                                 pass_dropout(pass, f->dropout, f->site, stream, tile, &d));
        pass_move(pass);
    }
}

/* The gradient before dropout in place of dx, and its column sums over each tile. */
static void drop_tiles(const frames *f, pass *pass, const stream *stream, matrix dx,
                       float *sums)
{
    const tiles *tiles = &stream->tiles;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        matrix rows = tile_rows(dx, tile);
        dropout d;
        const dropout *drop = pass_dropout(pass, f->dropout, f->site, stream, tile, &d);
        if (drop != NULL)
            kernels_get()->dropout_apply(rows, drop);
        kernels_get()->column_sums(rows, sums + (size_t)t * (size_t)dx.cols);
    }
}

void frames_backward(const frames *f, pass *pass, const stream *stream, matrix dx,
                     const frames_saved *saved)
{
    size_t mark = arena_mark(pass->arena);
    float *sums = gradient_partials(pass, stream, dx.cols);

    drop_tiles(f, pass, stream, dx, sums);
    linear_backward_bias(&f->projection, pass, stream, sums);
    product_sum weight = linear_weight_begin(&f->projection, pass);
    for (int g = 0; g < stream->packed.grains; g++)
        gradient_product_add(pass, stream, &weight, g, factor_of(dx), factor_of(saved->in));
    if (f->positions_gradient.data != NULL)
        gradient_set_rows(pass, stream, dx, stream->places, f->places, 1.0f,
                          f->positions_gradient);
    arena_release(pass->arena, mark);
}

/* embedding.c - token and place to a row. */
#include "lockstep/nn/embedding.h"

#include <math.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

void embedding_sinusoids(float *positions, int places, int width)
{
    for (int p = 0; p < places; p++)
        for (int i = 0; i < width; i += 2) {
            double angle = p / pow(10000.0, (double)i / width);
            float *at = positions + (size_t)p * (size_t)width + i;
            at[0] = (float)sin(angle);
            at[1] = (float)cos(angle);
        }
}

static float scale_of(const embedding *e)
{
    return sqrtf((float)e->width);
}

void embedding_forward(const embedding *e, pass *pass, const stream *stream, matrix x)
{
    const tiles *tiles = &stream->tiles;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        dropout d;
        kernels_get()->embed(e->table, stream->packed.ids + tile->first, scale_of(e),
                             e->positions, stream->places + tile->first,
                             pass_dropout(pass, e->dropout, e->site, stream, tile, &d),
                             tile_rows(x, tile));
        pass_move(pass);
    }
}

static void drop_tiles(const embedding *e, pass *pass, const stream *stream, matrix dx)
{
    const tiles *tiles = &stream->tiles;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        const tile *tile = &tiles->list[t];
        dropout d;
        kernels_get()->dropout_apply(tile_rows(dx, tile),
                                     pass_dropout(pass, e->dropout, e->site, stream, tile, &d));
    }
}

void embedding_backward(const embedding *e, pass *pass, const stream *stream, matrix dx)
{
    if (pass->dropout && e->dropout > 0.0)
        drop_tiles(e, pass, stream, dx);
    gradient_set_rows(pass, stream, dx, stream->packed.ids, e->symbols, scale_of(e),
                      e->table_gradient);
    if (e->positions_gradient.data != NULL)
        gradient_set_rows(pass, stream, dx, stream->places, e->places, 1.0f,
                          e->positions_gradient);
}

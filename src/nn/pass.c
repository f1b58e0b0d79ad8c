/* pass.c - what every layer needs to know of the pass it takes part in. */
#include "lockstep/nn/pass.h"

#include <omp.h>

#include "lockstep/tensor/gemm.h"

stream stream_push(pass *pass, const packed *packed)
{
    int32_t *places = arena_push(pass->arena, (size_t)packed->rows, sizeof(*places));

    for (int s = 0; s < packed->sequences; s++)
        for (int32_t r = packed->offsets[s]; r < packed->offsets[s + 1]; r++)
            places[r] = r - packed->offsets[s];
    return (stream){
        .packed = *packed, .tiles = tiles_push(pass->arena, packed), .places = places};
}

band pass_band(const pass *pass, const stream *stream, int first)
{
    int end = first + pass->threads, grains = stream->packed.grains;

    pass_move(pass); /* the loops over a band's tiles may leave this thread without one */
    return (band){first, end < grains ? end : grains};
}

matrix pass_matrix(pass *pass, int rows, int cols)
{
    size_t count = (size_t)rows * (size_t)cols;

    return matrix_view(arena_push(pass->arena, count, sizeof(float)), rows, cols);
}

/* Rows that stand so many floats apart take each other's place in the first cache when a
 * product reads some beside each other: a line keeps them apart. */
enum { NEAR_ROWS = 512, CACHE_LINE = 16 };

factor pass_factor(pass *pass, int rows, int cols)
{
    if (!gemm_reads_rounded() || cols % 2 != 0)
        return factor_of(pass_matrix(pass, rows, cols));
    int pairs = cols / 2, stride = pairs % NEAR_ROWS == 0 ? pairs + CACHE_LINE : pairs;
    return (factor){matrix_cols(pass_matrix(pass, rows, stride), 0, pairs), true};
}

matrix pass_rounding(pass *pass, factor f)
{
    return pass_matrix(pass, f.rounded ? pass->threads * ROUND_ROWS : 0, factor_width(f));
}

matrix pass_rounding_own(matrix all)
{
    return all.rows == 0 ? all
                         : matrix_rows(all, omp_get_thread_num() * ROUND_ROWS, ROUND_ROWS);
}

void pass_need(const pass *pass, int last)
{
    if (pass->parameters != NULL)
        pass->parameters->need(pass->parameters->user, last);
    if (pass->packing != NULL)
        pass->packing->pack(pass->packing->user, last);
}

void pass_ready(const pass *pass, int first)
{
    if (pass->parameters != NULL)
        pass->parameters->ready(pass->parameters->user, first);
}

void pass_ready_use(const pass *pass, int index, int use)
{
    if (pass->parameters != NULL && pass->parameters->ready_use != NULL)
        pass->parameters->ready_use(pass->parameters->user, index, use);
}

void pass_move(const pass *pass)
{
    if (pass->parameters != NULL && pass->parameters->move != NULL && omp_get_thread_num() == 0)
        pass->parameters->move(pass->parameters->user);
}

const dropout *pass_dropout(const pass *pass, double rate, int site, const stream *stream,
                            const tile *tile, dropout *d)
{
    if (!pass->dropout || rate <= 0.0)
        return NULL;
    *d = (dropout){.threshold = (uint32_t)(rate * 65536.0 + 0.5),
                   .scale = (float)(1.0 / (1.0 - rate)),
                   .seed = pass->seed,
                   .draw = pass->draw,
                   .site = (uint16_t)site,
                   .grain = (uint16_t)(stream->packed.first_grain + tile->grain),
                   .row = (uint32_t)tile->offset};
    return d;
}

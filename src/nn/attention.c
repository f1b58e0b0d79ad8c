/* attention.c - scaled dot-product attention of every (sentence, head) on its own. */
#include "lockstep/nn/attention.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

enum { SENTENCES_AT_A_TIME = 8 }; /* what a thread takes from the parallel loop */

/* The rows of one sentence on both sides. */
typedef struct span {
    int query, queries, key, keys;
} span;

static span span_of(const stream *queries, const stream *keys, int s)
{
    const int32_t *q = queries->packed.offsets, *k = keys->packed.offsets;

    return (span){q[s], q[s + 1] - q[s], k[s], k[s + 1] - k[s]};
}

/* Where the weights of every sentence begin; returns the largest [queries, keys]. */
static size_t lay_out(const attention *a, const stream *queries, const stream *keys,
                      size_t *offsets)
{
    size_t largest = 0;

    offsets[0] = 0;
    for (int s = 0; s < queries->packed.sequences; s++) {
        span at = span_of(queries, keys, s);
        size_t size = (size_t)at.queries * (size_t)at.keys;
        largest = size > largest ? size : largest;
        offsets[s + 1] = offsets[s] + size * (size_t)a->heads;
    }
    return largest;
}

static matrix weights_of(const attention_saved *saved, int s, int head, span at)
{
    size_t size = (size_t)at.queries * (size_t)at.keys;

    return matrix_view(saved->weights + saved->offsets[s] + size * (size_t)head, at.queries,
                       at.keys);
}

static matrix head_of(const attention *a, matrix m, int first, int rows, int head)
{
    return matrix_cols(matrix_rows(m, first, rows), head * a->head_width, a->head_width);
}

static int grain_of(const packed *packed, int sequence)
{
    int g = 0;

    while (packed->grain_sequences[g + 1] <= sequence)
        g++;
    return g;
}

static const dropout *weight_dropout(const attention *a, const pass *pass,
                                     const stream *queries, int s, int head, span at,
                                     dropout *d)
{
    if (!pass->dropout || a->dropout <= 0.0)
        return NULL;
    int grain = grain_of(&queries->packed, s);
    tile rows = {.grain = grain, .offset = at.query - queries->packed.grain_rows[grain]};
    return pass_dropout(pass, a->dropout, a->site + head, queries, &rows, d);
}

/* `spare` gets a copy with dropout applied, where there is any. */
static matrix drop_weights(matrix weights, const dropout *d, float *spare)
{
    if (d == NULL)
        return weights;
    matrix dropped = matrix_view(spare, weights.rows, weights.cols);
    memcpy(spare, weights.data, (size_t)weights.rows * (size_t)weights.cols * sizeof(float));
    kernels_get()->dropout_apply(dropped, d);
    return dropped;
}

void attention_push(const attention *a, pass *pass, const stream *queries, const stream *keys,
                    attention_saved *saved)
{
    int sequences = queries->packed.sequences;

    saved->offsets = arena_push(pass->arena, (size_t)sequences + 1, sizeof(size_t));
    saved->largest = lay_out(a, queries, keys, saved->offsets);
    saved->weights = arena_push(pass->arena, saved->offsets[sequences], sizeof(float));
}

void attention_forward(const attention *a, pass *pass, const stream *queries,
                       const stream *keys, band band, matrix q, matrix k, matrix v, matrix out,
                       const attention_saved *saved)
{
    const int32_t *first = queries->packed.grain_sequences;
    float scale = 1.0f / sqrtf((float)a->head_width);
    const kernels *table = kernels_get();
    size_t mark = arena_mark(pass->arena), largest = saved->largest;
    float *spare = arena_push(pass->arena, largest * (size_t)pass->threads, sizeof(float));

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, SENTENCES_AT_A_TIME)
    for (int s = first[band.first]; s < first[band.end]; s++) {
        span at = span_of(queries, keys, s);
        float *mine = spare + largest * (size_t)omp_get_thread_num();
        for (int h = 0; h < a->heads; h++) {
            dropout d;
            matrix w = weights_of(saved, s, h, at);
            gemm_nt(scale, head_of(a, q, at.query, at.queries, h),
                    head_of(a, k, at.key, at.keys, h), 0.0f, w);
            table->softmax_forward(w, a->causal);
            w = drop_weights(w, weight_dropout(a, pass, queries, s, h, at, &d), mine);
            gemm_nn(1.0f, w, head_of(a, v, at.key, at.keys, h), 0.0f,
                    head_of(a, out, at.query, at.queries, h));
        }
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

void attention_backward(const attention *a, pass *pass, const stream *queries,
                        const stream *keys, band band, matrix q, matrix k, matrix v,
                        matrix dout, const attention_saved *saved, matrix dq, matrix dk,
                        matrix dv)
{
    const int32_t *first = queries->packed.grain_sequences;
    float scale = 1.0f / sqrtf((float)a->head_width);
    const kernels *table = kernels_get();
    size_t mark = arena_mark(pass->arena), largest = saved->largest;
    float *spare = arena_push(pass->arena, 2 * largest * (size_t)pass->threads, sizeof(float));

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, SENTENCES_AT_A_TIME)
    for (int s = first[band.first]; s < first[band.end]; s++) {
        span at = span_of(queries, keys, s);
        float *mine = spare + 2 * largest * (size_t)omp_get_thread_num();
        for (int h = 0; h < a->heads; h++) {
            dropout d;
            const dropout *drop = weight_dropout(a, pass, queries, s, h, at, &d);
            matrix w = weights_of(saved, s, h, at);
            matrix dw = matrix_view(mine, at.queries, at.keys);
            matrix dropped = drop_weights(w, drop, mine + largest);
            matrix g = head_of(a, dout, at.query, at.queries, h);
            gemm_tn(1.0f, dropped, g, 0.0f, head_of(a, dv, at.key, at.keys, h));
            gemm_nt(1.0f, g, head_of(a, v, at.key, at.keys, h), 0.0f, dw);
            if (drop != NULL)
                table->dropout_apply(dw, drop);
            table->softmax_backward(dw, w);
            gemm_nn(scale, dw, head_of(a, k, at.key, at.keys, h), 0.0f,
                    head_of(a, dq, at.query, at.queries, h));
            gemm_tn(scale, dw, head_of(a, q, at.query, at.queries, h), 0.0f,
                    head_of(a, dk, at.key, at.keys, h));
        }
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

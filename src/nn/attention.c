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

/* Where the weights of every sentence begin, and the most that one has of all. */
static void lay_out(const attention *a, const stream *queries, const stream *keys,
                    attention_saved *saved)
{
    saved->offsets[0] = saved->largest = 0;
    saved->longest = 0;
    for (int s = 0; s < queries->packed.sequences; s++) {
        span at = span_of(queries, keys, s);
        size_t size = (size_t)at.queries * (size_t)at.keys;
        saved->largest = size > saved->largest ? size : saved->largest;
        saved->longest = at.queries > saved->longest ? at.queries : saved->longest;
        saved->offsets[s + 1] = saved->offsets[s] + size * (size_t)a->heads;
    }
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

static float scale_of(const attention *a)
{
    return 1.0f / sqrtf((float)a->head_width);
}

static factor factor_head(const attention *a, factor f, int first, int rows, int head)
{
    return factor_cols(factor_rows(f, first, rows), head * a->head_width, a->head_width);
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
    lay_out(a, queries, keys, saved);
    saved->weights = arena_push(pass->arena, saved->offsets[sequences], sizeof(float));
}

/* What the heads of every sentence share. */
typedef struct heads {
    const attention *a;
    const pass *pass;
    const stream *queries, *keys;
    const attention_saved *saved;
    factor q, k, v;
} heads;

/* What head `head` makes of sentence s, in its own columns of `out`; `spare` has room for the
 * sentence's weights. */
static void head_forward(const heads *all, int s, int head, matrix out, float *spare)
{
    const attention *a = all->a;
    span at = span_of(all->queries, all->keys, s);
    dropout d;
    matrix w = weights_of(all->saved, s, head, at);

    gemm_factors(&(product){.a = factor_head(a, all->q, at.query, at.queries, head),
                            .b = factor_head(a, all->k, at.key, at.keys, head),
                            .b_turned = true,
                            .alpha = scale_of(a),
                            .c = w});
    kernels_get()->softmax_forward(w, a->causal);
    w = drop_weights(w, weight_dropout(a, all->pass, all->queries, s, head, at, &d), spare);
    gemm_factors(&(product){.a = factor_of(w),
                            .b = factor_head(a, all->v, at.key, at.keys, head),
                            .alpha = 1.0f,
                            .c = head_of(a, out, 0, at.queries, head)});
}

/* All heads of sentence s; `made` has its rows where `out` is rounded. */
static void sentence_forward(const heads *all, int s, factor out, matrix made, float *spare)
{
    span at = span_of(all->queries, all->keys, s);
    matrix to = matrix_rows(out.floats, at.query, at.queries);
    matrix rows = out.rounded ? matrix_rows(made, 0, at.queries) : to;

    for (int h = 0; h < all->a->heads; h++)
        head_forward(all, s, h, rows, spare);
    if (out.rounded)
        kernels_get()->round(rows, NULL, to);
}

void attention_forward(const attention *a, pass *pass, const stream *queries,
                       const stream *keys, band band, factor q, factor k, factor v, factor out,
                       const attention_saved *saved)
{
    const heads all = {a, pass, queries, keys, saved, q, k, v};
    const int32_t *first = queries->packed.grain_sequences;
    size_t mark = arena_mark(pass->arena), largest = saved->largest;
    int longest = out.rounded ? saved->longest : 0;
    float *spare = arena_push(pass->arena, largest * (size_t)pass->threads, sizeof(float));
    matrix made = pass_matrix(pass, longest * pass->threads, factor_width(out));

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, SENTENCES_AT_A_TIME)
    for (int s = first[band.first]; s < first[band.end]; s++) {
        int thread = omp_get_thread_num();
        sentence_forward(&all, s, out, matrix_rows(made, longest * thread, longest),
                         spare + largest * (size_t)thread);
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

typedef struct head_gradients {
    matrix dout, dq, dk, dv;
} head_gradients;

/* The gradients of what head `head` read of sentence s, in its own columns; `spare` has room
 * for the sentence's weights twice. */
static void head_backward(const heads *all, const head_gradients *d, int s, int head,
                          float *spare)
{
    const attention *a = all->a;
    const kernels *table = kernels_get();
    span at = span_of(all->queries, all->keys, s);
    dropout place;
    const dropout *drop = weight_dropout(a, all->pass, all->queries, s, head, at, &place);
    matrix w = weights_of(all->saved, s, head, at);
    matrix dw = matrix_view(spare, at.queries, at.keys);
    matrix dropped = drop_weights(w, drop, spare + all->saved->largest);
    matrix g = head_of(a, d->dout, at.query, at.queries, head);

    gemm_tn(1.0f, dropped, g, 0.0f, head_of(a, d->dv, at.key, at.keys, head));
    gemm_factors(&(product){.a = factor_of(g),
                            .b = factor_head(a, all->v, at.key, at.keys, head),
                            .b_turned = true,
                            .alpha = 1.0f,
                            .c = dw});
    if (drop != NULL)
        table->dropout_apply(dw, drop);
    table->softmax_backward(dw, w);
    gemm_factors(&(product){.a = factor_of(dw),
                            .b = factor_head(a, all->k, at.key, at.keys, head),
                            .alpha = scale_of(a),
                            .c = head_of(a, d->dq, at.query, at.queries, head)});
    gemm_factors(&(product){.a = factor_of(dw),
                            .b = factor_head(a, all->q, at.query, at.queries, head),
                            .a_turned = true,
                            .alpha = scale_of(a),
                            .c = head_of(a, d->dk, at.key, at.keys, head)});
}

void attention_backward(const attention *a, pass *pass, const stream *queries,
                        const stream *keys, band band, factor q, factor k, factor v,
                        matrix dout, const attention_saved *saved, matrix dq, matrix dk,
                        matrix dv)
{
    const heads all = {a, pass, queries, keys, saved, q, k, v};
    const head_gradients gradients = {dout, dq, dk, dv};
    const int32_t *first = queries->packed.grain_sequences;
    size_t mark = arena_mark(pass->arena), largest = saved->largest;
    float *spare = arena_push(pass->arena, 2 * largest * (size_t)pass->threads, sizeof(float));

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, SENTENCES_AT_A_TIME)
    for (int s = first[band.first]; s < first[band.end]; s++) {
        float *mine = spare + 2 * largest * (size_t)omp_get_thread_num();
        for (int h = 0; h < a->heads; h++)
            head_backward(&all, &gradients, s, h, mine);
        pass_move(pass);
    }
    arena_release(pass->arena, mark);
}

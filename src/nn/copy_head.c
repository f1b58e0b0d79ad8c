/* copy_head.c - a pointer beside the output layer, as it learns. */
#include "lockstep/nn/copy_head.h"

#include <float.h>
#include <omp.h>

#include "copy_mix.h"
#include "dot.h"
#include "generator_mixture.h"
#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"

/* ---- attention and gate ---- */

static int places_of(const copy_memory *m, int s)
{
    return m->offsets[s + 1] - m->offsets[s];
}

static matrix weights_of(const copy_saved *saved, const copy_memory *m, const packed *p, int s)
{
    return matrix_view(saved->weights + saved->offsets[s], p->offsets[s + 1] - p->offsets[s],
                       places_of(m, s));
}

/* The attention of a row. */
static const float *row_weights(const copy_saved *saved, const copy_memory *m, const packed *p,
                                int row)
{
    int s = saved->sentences[row];

    return matrix_row(weights_of(saved, m, p, s), row - p->offsets[s]);
}

static float scale_of(const copy_head *h)
{
    return 1.0f / sqrtf((float)h->query.out);
}

static void push_saved(pass *pass, const packed *p, int width, const copy_memory *m,
                       copy_saved *saved)
{
    size_t rows = (size_t)p->rows, total = 0;

    saved->queries = pass_matrix(pass, p->rows, width);
    saved->offsets = arena_push(pass->arena, (size_t)p->sequences + 1, sizeof(size_t));
    saved->sentences = arena_push(pass->arena, rows, sizeof(int32_t));
    saved->logits = arena_push(pass->arena, rows, sizeof(float));
    saved->gates = arena_push(pass->arena, rows, sizeof(float));
    saved->gold = arena_push(pass->arena, rows, sizeof(float));
    saved->shares = arena_push(pass->arena, rows, sizeof(float));
    for (int s = 0; s < p->sequences; s++) {
        saved->offsets[s] = total;
        total += (size_t)(p->offsets[s + 1] - p->offsets[s]) * (size_t)places_of(m, s);
        for (int r = p->offsets[s]; r < p->offsets[s + 1]; r++)
            saved->sentences[r] = s;
    }
    saved->offsets[p->sequences] = total;
    saved->weights = arena_push(pass->arena, total, sizeof(float));
}

/* `states` [width] of the gate's weight are its first half. */
static void set_gate(const copy_head *h, const float *state, int width, const float *weights,
                     const float *votes, int places, copy_saved *saved, int row)
{
    double logit = (double)*h->bias + dot(h->gate, state, width) + dot(weights, votes, places);

    saved->logits[row] = (float)logit;
    saved->gates[row] = (float)gate_of(logit);
}

static void attend_sentence(const copy_head *h, const packed *p, matrix x, const copy_memory *m,
                            int s, copy_saved *saved)
{
    matrix w = weights_of(saved, m, p, s);
    int first = p->offsets[s];

    gemm_nt(scale_of(h), matrix_rows(saved->queries, first, w.rows),
            matrix_rows(m->keys, m->offsets[s], w.cols), 0.0f, w);
    kernels_get()->softmax_forward(w, 0);
    for (int r = 0; r < w.rows; r++)
        set_gate(h, matrix_row(x, first + r), x.cols, matrix_row(w, r),
                 m->votes + m->offsets[s], w.cols, saved, first + r);
}

void copy_head_attend(const copy_head *h, pass *pass, const stream *stream, matrix x,
                      const copy_memory *m, copy_saved *saved)
{
    const packed *p = &stream->packed;

    CHECK(m->made);
    push_saved(pass, p, x.cols, m, saved);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++) {
        linear_forward(&h->query, tile_rows(x, &stream->tiles.list[t]),
                       tile_rows(saved->queries, &stream->tiles.list[t]));
        pass_move(pass);
    }
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, 8)
    for (int s = 0; s < p->sequences; s++) {
        attend_sentence(h, p, x, m, s, saved);
        pass_move(pass);
    }
}

/* ---- the mixture ---- */

typedef struct mixing {
    const packed *packed;
    const copy_memory *memory;
    copy_saved *saved;
    int symbols; /* of the output layer */
} mixing;

/* A row of it. */
typedef struct mixing_row {
    const softmax_row *softmax;
    const float *weights; /* [places] */
    const int32_t *holds, *firsts;
    int first, places;
    double gate, rest;
} mixing_row;

static mixing_row row_of(const mixing *m, const softmax_row *softmax)
{
    int s = m->saved->sentences[softmax->at], first = m->memory->offsets[s];
    double logit = m->saved->logits[softmax->at];

    return (mixing_row){.softmax = softmax,
                        .weights = row_weights(m->saved, m->memory, m->packed, softmax->at),
                        .holds = m->memory->holds + first,
                        .firsts = m->memory->firsts + first,
                        .first = first,
                        .places = places_of(m->memory, s),
                        .gate = gate_of(logit),
                        .rest = gate_of(-logit)};
}

/* The sum of the attention to places from `from` on that hold a number. */
static double copied(const mixing_row *r, int from, int32_t number)
{
    double sum = 0.0;

    for (int i = from; i < r->places; i++)
        if (r->holds[i] == number)
            sum += (double)r->weights[i];
    return sum;
}

static double mixed_p(const mixing *m, const mixing_row *r, int32_t number, double a)
{
    double own = number < m->symbols ? r->gate * softmax_row_p(r->softmax, number) : 0.0;

    return own + r->rest * a;
}

/* Does anything have a larger probability than `gold`, which has p? */
static bool is_likeliest(const mixing *m, const mixing_row *r, double p)
{
    double generated = r->gate * r->softmax->largest;

    if (p < generated)
        return false;
    for (int i = 0; i < r->places; i++) {
        if (r->firsts[i] != r->first + i)
            continue;
        double a = copied(r, i, r->holds[i]);
        if (generated + r->rest * a > p && mixed_p(m, r, r->holds[i], a) > p)
            return false;
    }
    return true;
}

static mixed_row mix(void *user, const softmax_row *softmax)
{
    const mixing *m = user;
    mixing_row r = row_of(m, softmax);
    double logit = m->saved->logits[softmax->at], a = copied(&r, 0, softmax->gold);
    bool held = a > 0.0;

    /* A weight that has come to 0 must not make the loss infinite. */
    for (int i = 0; i < r.places && !held; i++)
        held = r.holds[i] == softmax->gold;
    double floored = a > FLT_MIN ? a : FLT_MIN, own = log_gate(logit) + softmax->log_p;
    double log_p = held ? log_add(own, log_rest(logit) + log(floored)) : own;

    m->saved->gold[softmax->at] = held ? (float)floored : 0.0f;
    m->saved->shares[softmax->at] = (float)exp(own - log_p);
    return (mixed_row){.nll = -log_p,
                       .share = exp(own - log_p),
                       .likeliest = is_likeliest(m, &r, mixed_p(m, &r, softmax->gold, a))};
}

void copy_head_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, const copy_memory *m, copy_saved *saved,
                       generator_result *out)
{
    mixing mixing = {&stream->packed, m, saved, g->output.out};
    generator_mixture mixture = {mix, &mixing};

    generator_forward_mixed(g, pass, stream, x, gold, &mixture, out);
}

/* ---- backward ---- */

/* What flows through it. */
typedef struct copy_flow {
    const copy_head *head;
    const copy_memory *memory;
    const copy_saved *saved;
    const int32_t *gold;
    matrix dx, dmemory, dqueries, dkeys;
    float *dlogits; /* [rows] of the gate */
    float *dvotes;  /* [places] */
    float scale;    /* with 1 - smoothing in it */
    float *spare;   /* [threads][largest] */
    size_t largest; /* weights of a sentence */
} copy_flow;

/* The gradient of a row's scores, in place of `d` [places]. */
static void score_row(const copy_flow *f, int row, const float *weights, int first, int places,
                      float *d)
{
    const copy_saved *saved = f->saved;
    float rest = f->scale * (1.0f - saved->shares[row]), gate = f->dlogits[row];
    float vote = 0.0f;

    for (int i = 0; i < places; i++)
        vote += weights[i] * f->memory->votes[first + i];
    for (int i = 0; i < places; i++) {
        bool held = f->memory->holds[first + i] == f->gold[row];
        float copy = weights[i] - (held ? weights[i] / saved->gold[row] : 0.0f);
        d[i] = rest * copy + gate * weights[i] * (f->memory->votes[first + i] - vote);
    }
}

static void sentence_backward(const copy_flow *f, const packed *p, int s)
{
    matrix w = weights_of(f->saved, f->memory, p, s);
    matrix d =
        matrix_view(f->spare + f->largest * (size_t)omp_get_thread_num(), w.rows, w.cols);
    int row = p->offsets[s], first = f->memory->offsets[s];
    float scale = scale_of(f->head);

    for (int i = 0; i < w.cols; i++)
        f->dvotes[first + i] = 0.0f;
    for (int r = 0; r < w.rows; r++) {
        float gate = f->scale * (f->saved->gates[row + r] - f->saved->shares[row + r]);
        f->dlogits[row + r] = gate;
        score_row(f, row + r, matrix_row(w, r), first, w.cols, matrix_row(d, r));
        kernels_get()->add_scaled(f->dvotes + first, matrix_row(w, r), gate, (size_t)w.cols);
    }
    gemm_nn(scale, d, matrix_rows(f->memory->keys, first, w.cols), 0.0f,
            matrix_rows(f->dqueries, row, w.rows));
    gemm_tn(scale, d, matrix_rows(f->saved->queries, row, w.rows), 0.0f,
            matrix_rows(f->dkeys, first, w.cols));
}

/* A linear layer and one half of the gate, from rows of either side. */
typedef struct half_flow {
    const linear *layer;
    const float *gate;
    gradient gate_gradient;
    matrix in, dout, din;
    const float *dgate; /* [rows] what each row's product with the gate has as its gradient */
    float beta;         /* din = beta * din + ... */
} half_flow;

static void half_tile(const half_flow *f, const tile *t, float *bias_sum, float *gate_sum)
{
    matrix dout = tile_rows(f->dout, t), din = tile_rows(f->din, t);
    size_t width = (size_t)din.cols;

    kernels_get()->column_sums(dout, bias_sum);
    linear_backward(f->layer, factor_of(dout), f->beta, din);
    for (size_t c = 0; c < width; c++)
        gate_sum[c] = 0.0f;
    for (int r = 0; r < din.rows; r++) {
        float d = f->dgate[t->first + r];
        kernels_get()->add_scaled(matrix_row(din, r), f->gate, d, width);
        kernels_get()->add_scaled(gate_sum, matrix_row(f->in, t->first + r), d, width);
    }
}

static void half_backward(const half_flow *f, pass *pass, const stream *stream)
{
    size_t mark = arena_mark(pass->arena);
    int width = f->din.cols;
    float *bias_sums = gradient_partials(pass, stream, width);
    float *gate_sums = gradient_partials(pass, stream, width);
    product_sum weight = linear_weight_begin(f->layer, pass);

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < stream->tiles.count; t++) {
        half_tile(f, &stream->tiles.list[t], bias_sums + (size_t)t * (size_t)width,
                  gate_sums + (size_t)t * (size_t)width);
        pass_move(pass);
    }
    for (int g = 0; g < stream->packed.grains; g++)
        gradient_product_add(pass, stream, &weight, g, factor_of(f->dout), factor_of(f->in));
    linear_backward_bias(f->layer, pass, stream, bias_sums);
    gradient_set_vector(pass, stream, gate_sums, width, f->gate_gradient);
    arena_release(pass->arena, mark);
}

static void gate_bias_backward(const copy_flow *f, pass *pass, const stream *stream)
{
    float *sums = gradient_partials(pass, stream, 1);

    for (int t = 0; t < stream->tiles.count; t++) {
        const tile *tile = &stream->tiles.list[t];
        sums[t] = 0.0f;
        for (int r = tile->first; r < tile->first + tile->rows; r++)
            sums[t] += f->dlogits[r];
    }
    gradient_set_vector(pass, stream, sums, 1, f->head->bias_gradient);
}

static size_t largest_of(const copy_saved *saved, int sentences)
{
    size_t largest = 0;

    for (int s = 0; s < sentences; s++) {
        size_t size = saved->offsets[s + 1] - saved->offsets[s];
        largest = size > largest ? size : largest;
    }
    return largest;
}

static copy_flow push_flow(const copy_head *h, const generator *g, pass *pass, const packed *p,
                           const copy_memory *m, float scale, const copy_saved *saved)
{
    copy_flow f = {.head = h,
                   .memory = m,
                   .saved = saved,
                   .dqueries = pass_matrix(pass, saved->queries.rows, saved->queries.cols),
                   .dkeys = pass_matrix(pass, m->keys.rows, m->keys.cols),
                   .dlogits = arena_push(pass->arena, (size_t)p->rows, sizeof(float)),
                   .dvotes = arena_push(pass->arena, (size_t)m->keys.rows, sizeof(float)),
                   .scale = (float)(scale * (1.0 - g->smoothing)),
                   .largest = largest_of(saved, p->sequences)};

    f.spare = arena_push(pass->arena, f.largest * (size_t)pass->threads, sizeof(float));
    return f;
}

void copy_head_forward_backward(const copy_head *h, const generator *g, pass *pass,
                                const stream *target, const stream *source, matrix x,
                                matrix memory, const int32_t *gold, const copy_memory *m,
                                float scale, copy_saved *saved, matrix dx, matrix dmemory,
                                generator_result *out)
{
    mixing mixing = {&target->packed, m, saved, g->output.out};
    generator_mixture mixture = {mix, &mixing};

    generator_forward_backward_mixed(g, pass, target, x, gold, &mixture, scale, dx, out);
    size_t mark = arena_mark(pass->arena);
    copy_flow f = push_flow(h, g, pass, &target->packed, m, scale, saved);
    f.gold = gold;
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic, 8)
    for (int s = 0; s < target->packed.sequences; s++) {
        sentence_backward(&f, &target->packed, s);
        pass_move(pass);
    }
    gradient other = gradient_rows(h->gate_gradient, 1, x.cols);
    half_backward(
        &(half_flow){&h->query, h->gate, h->gate_gradient, x, f.dqueries, dx, f.dlogits, 1.0f},
        pass, target);
    half_backward(&(half_flow){&h->key, h->gate + x.cols, other, memory, f.dkeys, dmemory,
                               f.dvotes, 0.0f},
                  pass, source);
    gate_bias_backward(&f, pass, target);
    arena_release(pass->arena, mark);
}

/* task_parallel.c - a sequence all at once: the decoder is fed places that it does not know,
 * and every state predicts the symbol at its own. How many places there are a classifier says
 * of what the encoder made of the source, or the configuration.
 */
#include <math.h>

#include "lockstep/base/token.h"
#include "lockstep/base/trace.h"
#include "scored_rows.h"
#include "sequence_head.h"
#include "tasks.h"

static status open_fixed(head **out, const config *c, body *b, int *site)
{
    (void)site; /* nothing is dropped here */
    TRY(sequence_head_open(out, c, b));
    (*out)->feed.masked = c->model.decoder_input == DECODER_INPUT_MASK;
    (*out)->feed.tokens = c->model.length.tokens;
    return STATUS_OK;
}

static status open_classified(head **out, const config *c, body *b, int *site)
{
    int classes = 2 * c->data.max_length + 1;

    (void)site;
    TRY(sequence_head_open(out, c, b));
    (*out)->feed.masked = c->model.decoder_input == DECODER_INPUT_MASK;
    (*out)->length.most = c->data.max_length;
    (*out)->length_loss = (float)c->training.length_loss;
    return linear_add(&b->parameters, &(*out)->length_indices, "length.", b->width, classes);
}

static void view_classified(head *h, const body *b)
{
    sequence_head_view(h, b);
    h->length.classes.output = linear_view(&b->parameters, &b->weights, h->length_indices);
}

static feed feed_of(const head *h, pass *pass, const packed *truth, bool draws)
{
    return feed_places(&h->feed, pass, truth, draws);
}

static int32_t filler(const head *h)
{
    return h->feed.masked ? TOKEN_MASK : TOKEN_BEGIN;
}

/* ---- symbols ---- */

static generator_result push_result(pass *pass, int rows)
{
    return (generator_result){.loss = arena_push(pass->arena, (size_t)rows, sizeof(float)),
                              .nll = arena_push(pass->arena, (size_t)rows, sizeof(float)),
                              .correct = arena_push(pass->arena, (size_t)rows, 1)};
}

static void symbol_losses(const head *h, pass *pass, const head_input *in,
                          generator_result *out)
{
    matrix states = in->decoded->states;
    generator_result found;

    *out = push_result(pass, states.rows);
    size_t mark = arena_mark(pass->arena);
    scored_rows scored = scored_rows_push(pass, &in->decoded->target, in->gold);

    sequence_head_losses(h, pass, &scored.stream, scored_rows_gather(&scored, pass, states),
                         scored.gold, &found);
    scored_rows_scatter_result(&scored, &found, states.rows, out);
    arena_release(pass->arena, mark);
}

static void learn_symbols(const head *h, pass *pass, const head_input *in, float scale,
                          matrix dstates, generator_result *out)
{
    matrix states = in->decoded->states;
    generator_result found;

    *out = push_result(pass, states.rows);
    size_t mark = arena_mark(pass->arena);
    scored_rows scored = scored_rows_push(pass, &in->decoded->target, in->gold);
    matrix rows = scored_rows_gather(&scored, pass, states);
    matrix drows = pass_matrix(pass, rows.rows, rows.cols);

    sequence_head_learn(h, pass, &scored.stream, rows, scored.gold, scale, drows, &found);
    scored_rows_scatter(&scored, pass, drows, dstates);
    scored_rows_scatter_result(&scored, &found, states.rows, out);
    arena_release(pass->arena, mark);
}

/* ---- lengths ---- */

/* Symbols of each source, whose <end> is none of them. */
static int32_t *push_sources(pass *pass, const packed *source)
{
    int32_t *counts = arena_push(pass->arena, (size_t)source->sequences, sizeof(*counts));

    for (int s = 0; s < source->sequences; s++)
        counts[s] = source->offsets[s + 1] - source->offsets[s] - 1;
    return counts;
}

/* With a classifier as many places are fed as the truth has symbols. */
static const int32_t *push_differences(pass *pass, const head_input *in)
{
    const packed *target = &in->decoded->target.packed;
    int32_t *differences = push_sources(pass, &in->memory->source.packed);

    for (int s = 0; s < target->sequences; s++)
        differences[s] = target->offsets[s + 1] - target->offsets[s] - differences[s];
    return differences;
}

static void best_lengths(const head *h, pass *pass, const body_memory *memory, int longest,
                         int count, int32_t *lengths, float *log_p)
{
    length_head_best(&h->length, pass, &memory->source, memory->memory,
                     push_sources(pass, &memory->source.packed), longest, count, lengths,
                     log_p);
}

static void fixed_lengths(const head *h, pass *pass, const body_memory *memory, int longest,
                          int count, int32_t *lengths, float *log_p)
{
    (void)pass;
    (void)longest;
    for (int i = 0; i < memory->source.packed.sequences * count; i++) {
        bool first = i % count == 0;
        lengths[i] = first ? h->feed.tokens : -1;
        log_p[i] = first ? 0.0f : -INFINITY;
    }
}

/* ---- all losses ---- */

static void losses_fixed(const head *h, pass *pass, const head_input *in, head_result *out)
{
    *out = (head_result){.sentences = {.nll = NULL}};
    pass_need(pass, h->output.bias);
    symbol_losses(h, pass, in, &out->rows);
}

static void learn_fixed(const head *h, pass *pass, const head_input *in, loss_scale scale,
                        matrix dstates, matrix dmemory, head_result *out)
{
    (void)dmemory;
    *out = (head_result){.sentences = {.nll = NULL}};
    pass_need(pass, h->output.bias);
    learn_symbols(h, pass, in, scale.row, dstates, &out->rows);
}

static void losses_classified(const head *h, pass *pass, const head_input *in, head_result *out)
{
    pass_need(pass, h->length_indices.bias);
    trace_begin(TRACE_OUTPUT);
    length_head_forward(&h->length, pass, &in->memory->source, in->memory->memory,
                        push_differences(pass, in), &out->sentences);
    trace_end();
    symbol_losses(h, pass, in, &out->rows);
}

static void learn_classified(const head *h, pass *pass, const head_input *in, loss_scale scale,
                             matrix dstates, matrix dmemory, head_result *out)
{
    pass_need(pass, h->length_indices.bias);
    trace_begin(TRACE_OUTPUT);
    length_head_forward_backward(&h->length, pass, &in->memory->source, in->memory->memory,
                                 push_differences(pass, in), h->length_loss * scale.sentence,
                                 dmemory, &out->sentences);
    trace_end();
    pass_ready(pass, h->length_indices.weight);
    learn_symbols(h, pass, in, scale.row, dstates, &out->rows);
}

const task task_parallel_classified = {
    .name = "generate",
    .decoder = DECODER_PARALLEL,
    .length = LENGTH_CLASSIFIER,
    .source_end = true,
    .truth_end = false,
    .feed = feed_of,
    .filler = filler,
    .open = open_classified,
    .close = sequence_head_close,
    .view = view_classified,
    .symbols = sequence_head_symbols,
    .losses = losses_classified,
    .learn = learn_classified,
    .reads_memory = true,
    .predict = sequence_head_predict,
    .best = sequence_head_best,
    .log_p = sequence_head_log_p,
    .lengths = best_lengths,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};

const task task_parallel_fixed = {
    .name = "generate",
    .decoder = DECODER_PARALLEL,
    .length = LENGTH_FIXED,
    .source_end = true,
    .truth_end = true,
    .feed = feed_of,
    .filler = filler,
    .open = open_fixed,
    .close = sequence_head_close,
    .view = sequence_head_view,
    .symbols = sequence_head_symbols,
    .losses = losses_fixed,
    .learn = learn_fixed,
    .predict = sequence_head_predict,
    .best = sequence_head_best,
    .log_p = sequence_head_log_p,
    .lengths = fixed_lengths,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};

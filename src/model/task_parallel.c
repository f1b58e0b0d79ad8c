/* task_parallel.c - a sequence all at once: the decoder is fed places that it does not know,
 * and every state predicts the symbol at its own. How many places there are a classifier says
 * of what the encoder made of the source, or the configuration.
 */
#include <math.h>

#include "lockstep/base/token.h"
#include "lockstep/base/trace.h"
#include "symbol_head.h"
#include "tasks.h"

static status open_fixed(head **out, const config *c, body *b, int symbols)
{
    TRY(symbol_head_open(out, c, b, symbols));
    (*out)->feed.masked = c->model.decoder_input == DECODER_INPUT_MASK;
    (*out)->feed.tokens = c->model.length.tokens;
    return STATUS_OK;
}

static status open_classified(head **out, const config *c, body *b, int symbols)
{
    int classes = 2 * c->data.max_length + 1;

    TRY(symbol_head_open(out, c, b, symbols));
    (*out)->feed.masked = c->model.decoder_input == DECODER_INPUT_MASK;
    (*out)->length.most = c->data.max_length;
    (*out)->length_loss = (float)c->training.length_loss;
    return linear_add(&b->parameters, &(*out)->length_indices, "length.", b->width, classes);
}

static void view_classified(head *h, const body *b)
{
    symbol_head_view(h, b);
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
    pass_need(pass, h->output.bias);
    symbol_head_losses_scored(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                              &out->rows);
}

static void learn_fixed(const head *h, pass *pass, const head_input *in, loss_scale scale,
                        matrix dstates, matrix dmemory, head_result *out)
{
    (void)dmemory;
    pass_need(pass, h->output.bias);
    symbol_head_learn_scored(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                             scale.row, dstates, &out->rows);
}

static void losses_classified(const head *h, pass *pass, const head_input *in, head_result *out)
{
    pass_need(pass, h->length_indices.bias);
    trace_begin(TRACE_OUTPUT);
    length_head_forward(&h->length, pass, &in->memory->source, in->memory->memory,
                        push_differences(pass, in), &out->sentences);
    trace_end();
    symbol_head_losses_scored(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                              &out->rows);
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
    symbol_head_learn_scored(h, pass, &in->decoded->target, in->decoded->states, in->gold,
                             scale.row, dstates, &out->rows);
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
    .close = symbol_head_close,
    .view = view_classified,
    .symbols = symbol_head_symbols,
    .losses = losses_classified,
    .learn = learn_classified,
    .reads_memory = true,
    .predict = symbol_head_predict,
    .best = symbol_head_best,
    .log_p = symbol_head_log_p,
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
    .close = symbol_head_close,
    .view = symbol_head_view,
    .symbols = symbol_head_symbols,
    .losses = losses_fixed,
    .learn = learn_fixed,
    .predict = symbol_head_predict,
    .best = symbol_head_best,
    .log_p = symbol_head_log_p,
    .lengths = fixed_lengths,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};

/* task_label.c - one symbol for a whole source: its topic, its intent. There is no decoder: the
 * head answers at one state of each sentence, the mean of what the encoder made of it, or what
 * became of the <begin> that is put before it.
 */
#include "lockstep/nn/pool.h"
#include "symbol_head.h"
#include "tasks.h"

/* How a sentence's states become one (nn/pool.h). */
struct pooling {
    matrix (*forward)(pass *pass, const stream *stream, matrix x);
    void (*backward)(const pass *pass, const stream *stream, matrix dpooled, matrix dx);
};

static status open_mean(head **out, const config *c, body *b, int symbols)
{
    static const struct pooling mean = {pool_mean_forward, pool_mean_backward};

    TRY(symbol_head_open_classifier(out, c, b, symbols));
    (*out)->pool = &mean;
    return STATUS_OK;
}

static status open_begin(head **out, const config *c, body *b, int symbols)
{
    static const struct pooling first = {pool_first_forward, pool_first_backward};

    TRY(symbol_head_open_classifier(out, c, b, symbols));
    (*out)->pool = &first;
    return STATUS_OK;
}

static feed feed_of(const head *h, pass *pass, const packed *truth, bool draws)
{
    (void)draws;
    CHECK(truth->rows == truth->sequences);
    return feed_answers(pass, truth, h->first);
}

static matrix states(const head *h, pass *pass, const body_memory *memory, const packed *asked)
{
    (void)asked;
    return h->pool->forward(pass, &memory->source, memory->memory);
}

static void losses(const head *h, pass *pass, const head_input *in, head_result *out)
{
    pass_need(pass, h->output.bias);
    symbol_head_losses_scored(h, pass, &in->decoded->target, states(h, pass, in->memory, NULL),
                              in->gold, &out->rows);
}

static void learn(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out)
{
    matrix pooled = states(h, pass, in->memory, NULL);
    matrix dpooled = pass_matrix(pass, pooled.rows, pooled.cols);

    (void)dstates;
    pass_need(pass, h->output.bias);
    symbol_head_learn_scored(h, pass, &in->decoded->target, pooled, in->gold, scale.row,
                             dpooled, &out->rows);
    h->pool->backward(pass, &in->memory->source, dpooled, dmemory);
}

static const char *const metrics[] = {"accuracy", "macro_f1", NULL};

/* What both rows say. */
#define LABEL                                                                                  \
    .name = "label", .decoder = NO_DECODER, .feed = feed_of, .close = symbol_head_close,       \
    .view = symbol_head_view, .symbols = symbol_head_symbols, .losses = losses,                \
    .learn = learn, .reads_memory = true, .states = states, .best = symbol_head_best,          \
    .log_p = symbol_head_log_p, .output = OUTPUT_LABEL, .metrics = metrics

const task task_label_mean = {LABEL, .pool = POOL_MEAN, .open = open_mean};

const task task_label_begin = {LABEL, .pool = POOL_BEGIN, .source_begin = true,
                               .open = open_begin};

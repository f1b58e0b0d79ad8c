/* task_copy.c - as task_generate.c, but that what comes next may also be copied from the source
 * (model.copy): numbers as data/sides.h gives them.
 */
#include "lockstep/base/token.h"
#include "lockstep/base/trace.h"
#include "lockstep/nn/copy_best.h"
#include "symbol_head.h"
#include "tasks.h"

static status open(head **out, const config *c, body *b, int symbols)
{
    parameters *p = &b->parameters;
    int width = b->width;

    TRY(symbol_head_open(out, c, b, symbols));
    copy_indices *at = &(*out)->copy_indices;
    TRY(linear_add(p, &at->query, "copy.query.", width, width));
    TRY(linear_add(p, &at->key, "copy.key.", width, width));
    TRY(parameters_add(p, &at->gate, "copy.gate.weight", 2, 1, 2 * width, FILL_XAVIER));
    return parameters_add(p, &at->bias, "copy.gate.bias", 1, 1, 1, FILL_ZERO);
}

static void view(head *h, const body *b)
{
    const parameters *p = &b->parameters;
    const copy_indices *at = &h->copy_indices;

    symbol_head_view(h, b);
    h->copy = (copy_head){.query = linear_view(p, &b->weights, at->query),
                          .key = linear_view(p, &b->weights, at->key),
                          .gate = parameters_values(p, at->gate),
                          .bias = parameters_values(p, at->bias),
                          .gate_gradient = parameters_gradient(p, at->gate, 0),
                          .bias_gradient = parameters_gradient(p, at->bias, 0)};
}

/* Of numbers that are no symbols the decoder learns no more than that they are unknown. */
static feed feed_of(const head *h, pass *pass, const packed *truth, bool draws)
{
    feed f = {.gold = truth->ids, .scored = truth->rows};

    (void)draws;
    f.fed = feed_truth(pass->arena, truth, &f.ids);
    for (int r = 0; r < f.fed.rows; r++)
        if (f.ids[r] >= symbol_head_symbols(h))
            f.ids[r] = TOKEN_UNK;
    return f;
}

static void remember(const head *h, pass *pass, const body_memory *memory, copy_memory *copied)
{
    copy_memory_make(&h->copy, pass, &memory->source, memory->memory, copied);
}

static void attend(const head *h, pass *pass, const body_memory *memory,
                   const body_decoded *decoded, copy_saved *out)
{
    remember(h, pass, memory, memory->copied);
    copy_head_attend(&h->copy, pass, &decoded->target, decoded->states, memory->copied, out);
}

static void losses(const head *h, pass *pass, const head_input *in, head_result *out)
{
    copy_saved saved;

    pass_need(pass, h->copy_indices.bias);
    trace_begin(TRACE_OUTPUT);
    attend(h, pass, in->memory, in->decoded, &saved);
    copy_head_forward(&h->generator, pass, &in->decoded->target, in->decoded->states, in->gold,
                      in->memory->copied, &saved, &out->rows);
    out->gates = saved.gates;
    trace_end();
}

static void learn(const head *h, pass *pass, const head_input *in, loss_scale scale,
                  matrix dstates, matrix dmemory, head_result *out)
{
    const body_memory *memory = in->memory;
    copy_saved saved;

    pass_need(pass, h->copy_indices.bias);
    trace_begin(TRACE_OUTPUT);
    attend(h, pass, memory, in->decoded, &saved);
    copy_head_forward_backward(&h->copy, &h->generator, pass, &in->decoded->target,
                               &memory->source, in->decoded->states, memory->memory, in->gold,
                               memory->copied, scale.row, &saved, dstates, dmemory, &out->rows);
    out->gates = saved.gates;
    trace_end();
    symbol_head_ready(h, pass);
}

static void predict(const head *h, pass *pass, matrix states, const generator_query *query,
                    int32_t *symbols)
{
    pass_need(pass, h->copy_indices.bias);
    trace_begin(TRACE_OUTPUT);
    copy_predict(&h->copy, &h->generator, pass, states, query, symbols);
    trace_end();
}

static void best(const head *h, pass *pass, matrix states, const generator_best_query *query,
                 int32_t *symbols, float *log_p)
{
    copy_best(&h->copy, &h->generator, pass, states, query, symbols, log_p);
}

static void log_p_of(const head *h, pass *pass, matrix states, const copy_rows *copied,
                     matrix log_p)
{
    copy_log_p(&h->copy, &h->generator, pass, states, copied, log_p);
}

const task task_copy = {
    .name = "generate",
    .decoder = DECODER_AUTOREGRESSIVE,
    .copies = true,
    .source_end = true,
    .truth_end = true,
    .feed = feed_of,
    .open = open,
    .close = symbol_head_close,
    .view = view,
    .symbols = symbol_head_symbols,
    .losses = losses,
    .learn = learn,
    .reads_memory = true,
    .remember = remember,
    .attend = attend,
    .predict = predict,
    .best = best,
    .log_p = log_p_of,
    .output = OUTPUT_SEQUENCE,
    .metrics = sequence_metrics,
};

/* symbol_head.c - the output layer over the target's symbols. */
#include "symbol_head.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"
#include "lockstep/base/trace.h"

static status add_output(linear_indices *out, const config *c, body *b, int symbols)
{
    parameters *p = &b->parameters;

    if (c->model.tie == TIE_NONE)
        return linear_add(p, out, "generator.", b->width, symbols);
    out->weight = b->target.table;
    parameters_add_use(p, out->weight, &out->use);
    parameters_multiply(p, out->weight);
    return parameters_add(p, &out->bias, "generator.bias", 1, 1, symbols, FILL_ZERO);
}

static status create(head **out, const config *c)
{
    head *h = memory_create(1, sizeof(*h));

    *out = h;
    if (h == NULL)
        return fail(STATUS_NOMEM, "no memory for the output layer");
    h->generator.smoothing = c->training.label_smoothing;
    return STATUS_OK;
}

status symbol_head_open(head **out, const config *c, body *b, int symbols)
{
    TRY(create(out, c));
    return add_output(&(*out)->output, c, b, symbols);
}

status symbol_head_open_classifier(head **out, const config *c, body *b, int symbols)
{
    TRY(create(out, c));
    (*out)->first = TOKEN_SPECIALS;
    return linear_add(&b->parameters, &(*out)->output, "classifier.", b->width,
                      symbols - TOKEN_SPECIALS);
}

void symbol_head_close(head *h)
{
    memory_destroy(h);
}

void symbol_head_view(head *h, const body *b)
{
    h->generator.output = linear_view(&b->parameters, &b->weights, h->output);
}

int symbol_head_symbols(const head *h)
{
    return h->generator.output.out;
}

void symbol_head_ready(const head *h, pass *pass)
{
    pass_ready_use(pass, h->output.weight, h->output.use);
    pass_ready(pass, h->output.use == 0 ? h->output.weight : h->output.bias);
}

void symbol_head_losses(const head *h, pass *pass, const stream *stream, matrix states,
                        const int32_t *gold, generator_result *out)
{
    trace_begin(TRACE_OUTPUT);
    generator_forward(&h->generator, pass, stream, states, gold, out);
    trace_end();
}

void symbol_head_learn(const head *h, pass *pass, const stream *stream, matrix states,
                       const int32_t *gold, float scale, matrix dstates, generator_result *out)
{
    trace_begin(TRACE_OUTPUT);
    generator_forward_backward(&h->generator, pass, stream, states, gold, scale, dstates, out);
    trace_end();
    symbol_head_ready(h, pass);
}

void symbol_head_predict(const head *h, pass *pass, matrix states, const generator_query *query,
                         int32_t *symbols)
{
    pass_need(pass, h->output.bias);
    trace_begin(TRACE_OUTPUT);
    generator_predict(&h->generator, pass, states, query, symbols);
    trace_end();
}

void symbol_head_best(const head *h, pass *pass, matrix states,
                      const generator_best_query *query, int32_t *symbols, float *log_p)
{
    generator_best(&h->generator, pass, states, query, symbols, log_p);
    for (int i = 0; i < states.rows * query->count; i++)
        symbols[i] += symbols[i] < 0 ? 0 : h->first;
}

void symbol_head_log_p(const head *h, pass *pass, matrix states, const copy_rows *copied,
                       matrix log_p)
{
    (void)pass;
    (void)copied;
    generator_log_p(&h->generator, states, log_p);
}

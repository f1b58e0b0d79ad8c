/* task_generate.c - a sequence whose length the model decides: translation, pronunciation,
 * answers. The decoder is fed <begin> and the truth, and every state predicts what comes next.
 */
#include "feed.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"
#include "tasks.h"

struct head {
    generator generator;
    linear_indices output; /* its parameters */
};

/* A tied weight is the target's table. */
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

static status open(head **out, const config *c, body *b, int *site)
{
    head *h = memory_create(1, sizeof(*h));

    (void)site; /* nothing is dropped here */
    *out = h;
    if (h == NULL)
        return fail(STATUS_NOMEM, "no memory for the output layer");
    h->generator.smoothing = c->training.label_smoothing;
    return add_output(&h->output, c, b, b->target.embedding.symbols);
}

static void view(head *h, const body *b)
{
    h->generator.output = linear_view(&b->parameters, &b->weights, h->output);
}

static int symbols_of(const head *h)
{
    return h->generator.output.out;
}

/* The first parameter of its own. */
static int first_of(const head *h)
{
    return h->output.use == 0 ? h->output.weight : h->output.bias;
}

static void losses(const head *h, pass *pass, const stream *stream, matrix states,
                   const int32_t *gold, generator_result *out)
{
    pass_need(pass, h->output.bias);
    trace_begin(TRACE_OUTPUT);
    generator_forward(&h->generator, pass, stream, states, gold, out);
    trace_end();
}

static void learn(const head *h, pass *pass, const stream *stream, matrix states,
                  const int32_t *gold, float scale, matrix dstates, generator_result *out)
{
    pass_need(pass, h->output.bias);
    trace_begin(TRACE_OUTPUT);
    generator_forward_backward(&h->generator, pass, stream, states, gold, scale, dstates, out);
    trace_end();
    pass_ready(pass, first_of(h));
}

static void predict(const head *h, pass *pass, matrix states, const generator_query *query,
                    int32_t *symbols)
{
    pass_need(pass, h->output.bias);
    trace_begin(TRACE_OUTPUT);
    generator_predict(&h->generator, pass, states, query, symbols);
    trace_end();
}

static void logits(const head *h, matrix states, matrix out)
{
    generator_logits(&h->generator, states, out);
}

static void best(const head *h, pass *pass, matrix states, const generator_best_query *query,
                 int32_t *symbols, float *log_p)
{
    generator_best(&h->generator, pass, states, query, symbols, log_p);
}

static void log_p(const head *h, matrix states, matrix out)
{
    generator_log_p(&h->generator, states, out);
}

static void close(head *h)
{
    memory_destroy(h);
}

static const char *const metrics[] = {"bleu", "chrf", "wer", "per", "cer", "exact", NULL};

const task task_generate = {
    .name = "generate",
    .source_end = true,
    .truth_end = true,
    .feed = feed_truth,
    .open = open,
    .close = close,
    .view = view,
    .symbols = symbols_of,
    .losses = losses,
    .learn = learn,
    .predict = predict,
    .logits = logits,
    .best = best,
    .log_p = log_p,
    .output = OUTPUT_SEQUENCE,
    .metrics = metrics,
};

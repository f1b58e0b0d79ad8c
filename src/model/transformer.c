/* transformer.c - the assembled encoder-decoder. */
#include "lockstep/model/transformer.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"

/* One side's embedding: the number and use of its table, of its learned positions. */
typedef struct side {
    embedding embedding;
    int table, use, positions;
} side;

struct transformer {
    parameters parameters;
    int width, feed_forward;
    side source, target;
    float *sinusoids; /* [places, width], NULL when positions are learned */
    encoder encoder;
    decoder decoder;
    generator generator;
    int weight, weight_use, bias; /* of the generator */
};

static status add_positions(transformer *t, const config *c, side *s, const char *name)
{
    s->positions = -1;
    if (c->model.positions != POSITIONS_LEARNED)
        return STATUS_OK;
    return parameters_add(&t->parameters, &s->positions, name, 2, s->embedding.places, t->width,
                          FILL_NORMAL);
}

static status add_embedding(transformer *t, const config *c, side *s, const char *table,
                            const char *positions, int symbols, int *site)
{
    s->embedding.symbols = symbols;
    s->embedding.width = t->width;
    s->embedding.dropout = c->model.dropout;
    s->embedding.site = (*site)++;
    if (table != NULL)
        TRY(parameters_add(&t->parameters, &s->table, table, 2, symbols, t->width,
                           FILL_NORMAL));
    return add_positions(t, c, s, positions);
}

static status add_generator(transformer *t, const config *c, int symbols)
{
    t->generator.smoothing = c->training.label_smoothing;
    if (c->model.tie == TIE_NONE) {
        TRY(parameters_add(&t->parameters, &t->weight, "generator.weight", 2, symbols, t->width,
                           FILL_XAVIER));
    } else {
        t->weight = t->target.table;
        parameters_add_use(&t->parameters, t->weight, &t->weight_use);
    }
    return parameters_add(&t->parameters, &t->bias, "generator.bias", 1, 1, symbols, FILL_ZERO);
}

/* Registration is in the order of forward. */
static status add_all(transformer *t, const config *c, int source_symbols, int target_symbols)
{
    int site = 0;
    bool one_table = c->model.tie == TIE_ALL;

    TRY(add_embedding(t, c, &t->source, "source_embedding.weight", "source_positions.weight",
                      source_symbols, &site));
    TRY(encoder_init(&t->encoder, c, &t->parameters, &site));
    if (one_table) {
        t->target.table = t->source.table;
        parameters_add_use(&t->parameters, t->target.table, &t->target.use);
    }
    TRY(add_embedding(t, c, &t->target, one_table ? NULL : "target_embedding.weight",
                      "target_positions.weight", target_symbols, &site));
    TRY(decoder_init(&t->decoder, c, &t->parameters, &site));
    return add_generator(t, c, target_symbols);
}

static void view_side(transformer *t, side *s)
{
    parameters *p = &t->parameters;
    embedding *e = &s->embedding;

    e->table = parameters_values(p, s->table);
    e->table_gradient = parameters_gradient(p, s->table, s->use);
    e->positions = t->sinusoids;
    if (s->positions >= 0) {
        e->positions = parameters_values(p, s->positions);
        e->positions_gradient = parameters_gradient(p, s->positions, 0);
    }
}

static void view_all(transformer *t)
{
    parameters *p = &t->parameters;

    view_side(t, &t->source);
    view_side(t, &t->target);
    encoder_view(&t->encoder, p);
    decoder_view(&t->decoder, p);
    t->generator.output =
        (linear){.weight = parameters_values(p, t->weight),
                 .bias = parameters_values(p, t->bias),
                 .weight_gradient = parameters_gradient(p, t->weight, t->weight_use),
                 .bias_gradient = parameters_gradient(p, t->bias, 0),
                 .in = t->width,
                 .out = p->list[t->weight].rows};
}

/* Learned positions end where training sentences do; the others must also reach as far as
 * decoding may go. */
static int places_of(const config *c)
{
    int length = c->data.max_length;

    if (c->model.positions != POSITIONS_LEARNED && c->decode.max_length > length)
        length = c->decode.max_length;
    return length + 1;
}

static status set_positions(transformer *t, const config *c)
{
    int places = t->source.embedding.places;

    if (c->model.positions == POSITIONS_LEARNED)
        return STATUS_OK;
    t->sinusoids = memory_create((size_t)places * (size_t)t->width, sizeof(float));
    if (t->sinusoids == NULL)
        return fail(STATUS_NOMEM, "no memory for %d positions", places);
    embedding_sinusoids(t->sinusoids, places, t->width);
    return STATUS_OK;
}

static status build(transformer *t, const config *c, int source_symbols, int target_symbols,
                    int nodes)
{
    t->width = c->model.width;
    t->feed_forward = c->model.feed_forward;
    t->source.embedding.places = t->target.embedding.places = places_of(c);
    TRY(add_all(t, c, source_symbols, target_symbols));
    TRY(set_positions(t, c));
    TRY(parameters_allocate(&t->parameters, nodes));
    view_all(t);
    return STATUS_OK;
}

status transformer_create(transformer **out, const config *c, int source_symbols,
                          int target_symbols, int nodes)
{
    transformer *t = memory_create(1, sizeof(*t));

    if (t == NULL)
        return fail(STATUS_NOMEM, "no memory for the model");
    parameters_init(&t->parameters);
    status built = build(t, c, source_symbols, target_symbols, nodes);
    if (built != STATUS_OK) {
        transformer_destroy(t);
        return built;
    }
    *out = t;
    return STATUS_OK;
}

void transformer_destroy(transformer *t)
{
    if (t == NULL)
        return;
    encoder_free(&t->encoder);
    decoder_free(&t->decoder);
    memory_destroy(t->sinusoids);
    parameters_free(&t->parameters);
    memory_destroy(t);
}

parameters *transformer_parameters(transformer *t)
{
    return &t->parameters;
}

int transformer_places(const transformer *t)
{
    return t->source.embedding.places;
}

int transformer_symbols(const transformer *t)
{
    return t->generator.output.out;
}

static matrix embed(const embedding *e, pass *pass, const stream *stream)
{
    matrix x = pass_matrix(pass, stream->packed.rows, e->width);

    trace_begin(TRACE_EMBEDDING);
    embedding_forward(e, pass, stream, x);
    trace_end();
    return x;
}

static void embed_backward(const embedding *e, pass *pass, const stream *stream, matrix dx)
{
    trace_begin(TRACE_EMBEDDING);
    embedding_backward(e, pass, stream, dx);
    trace_end();
}

transformer_memory transformer_encode(const transformer *t, pass *pass, const packed *source)
{
    transformer_memory m = {.source = stream_push(pass, source)};
    matrix x = embed(&t->source.embedding, pass, &m.source);

    m.memory = encoder_forward(&t->encoder, pass, &m.source, x, &m.saved);
    return m;
}

static matrix decode(const transformer *t, pass *pass, const transformer_memory *memory,
                     const stream *target, decoder_saved *saved)
{
    matrix y = embed(&t->target.embedding, pass, target);

    return decoder_forward(&t->decoder, pass, target, &memory->source, y, memory->memory,
                           saved);
}

matrix transformer_decode(const transformer *t, pass *pass, const transformer_memory *memory,
                          const packed *target)
{
    decoder_saved saved;
    stream s = stream_push(pass, target);

    return decode(t, pass, memory, &s, &saved);
}

void transformer_forward(const transformer *t, pass *pass, const packed *source,
                         const packed *target, const int32_t *gold, generator_result *out)
{
    decoder_saved saved;
    transformer_memory memory = transformer_encode(t, pass, source);
    stream s = stream_push(pass, target);
    matrix y = decode(t, pass, &memory, &s, &saved);

    trace_begin(TRACE_OUTPUT);
    generator_forward(&t->generator, pass, &s, y, gold, out);
    trace_end();
}

void transformer_learn(const transformer *t, pass *pass, transformer_memory *memory,
                       const packed *target, const int32_t *gold, float scale,
                       generator_result *out)
{
    decoder_saved saved;
    stream s = stream_push(pass, target);
    matrix y = decode(t, pass, memory, &s, &saved);
    matrix dy = pass_matrix(pass, y.rows, y.cols);
    matrix dmemory = pass_matrix(pass, memory->memory.rows, t->width);

    trace_begin(TRACE_OUTPUT);
    generator_forward_backward(&t->generator, pass, &s, y, gold, scale, dy, out);
    trace_end();
    size_t mark = arena_mark(pass->arena);
    matrix spare = pass_matrix(pass, y.rows, y.cols);
    matrix dtarget =
        decoder_backward(&t->decoder, pass, &s, &memory->source, dy, spare, dmemory, &saved);
    embed_backward(&t->target.embedding, pass, &s, dtarget);
    arena_release(pass->arena, mark);
    spare = pass_matrix(pass, memory->memory.rows, t->width);
    matrix dsource =
        encoder_backward(&t->encoder, pass, &memory->source, dmemory, spare, &memory->saved);
    embed_backward(&t->source.embedding, pass, &memory->source, dsource);
    arena_release(pass->arena, mark);
}

void transformer_predict(const transformer *t, pass *pass, matrix decoded,
                         const generator_query *query, int32_t *symbols)
{
    trace_begin(TRACE_OUTPUT);
    generator_predict(&t->generator, pass, decoded, query, symbols);
    trace_end();
}

void transformer_logits(const transformer *t, matrix rows, matrix logits)
{
    generator_logits(&t->generator, rows, logits);
}

/* Products of one forward pass in one layer of either stack: rows times weights, and the
 * attention of every sentence. */
static double attention_products(const transformer *t, const packed *source,
                                 const packed *target)
{
    double w = t->width, self = 0.0, causal = 0.0, cross = 0.0;

    for (int s = 0; s < source->sequences; s++) {
        double n = source->offsets[s + 1] - source->offsets[s];
        double m = target->offsets[s + 1] - target->offsets[s];
        self += n * n;
        causal += m * (m + 1) / 2;
        cross += m * n;
    }
    double encoder = 4 * w * w * source->rows + 2 * w * self;
    double decoder =
        6 * w * w * target->rows + 2 * w * w * source->rows + 2 * w * (causal + cross);
    return t->encoder.count * encoder + t->decoder.count * decoder;
}

model_flops transformer_flops(const transformer *t, const packed *source, const packed *target)
{
    const double each = 3.0 * 2.0; /* forward and two backward; multiply and add */
    double w = t->width;
    double rows =
        (double)t->encoder.count * source->rows + (double)t->decoder.count * target->rows;

    return (model_flops){.attention = each * attention_products(t, source, target),
                         .feed_forward = each * rows * 2 * w * t->feed_forward,
                         .output = each * target->rows * w * transformer_symbols(t)};
}

/* body.c - embeddings, encoder and decoder. */
#include "lockstep/model/body.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/trace.h"
#include "lockstep/model/task.h"
#include "lockstep/nn/word_codes.h"

/* ---- registration ---- */

static status add_positions(body *b, const config *c, body_input *in, const char *name)
{
    in->positions = -1;
    if (c->model.positions != POSITIONS_LEARNED)
        return STATUS_OK;
    return parameters_add(&b->parameters, &in->positions, name, 2, in->embedding.places,
                          b->width, FILL_NORMAL);
}

/* `table` NULL: the side reads the source's. */
static status add_input(body *b, const config *c, body_input *in, const char *table,
                        const char *positions, int symbols, int *site)
{
    parameters *p = &b->parameters;

    in->first = p->count;
    in->embedding.symbols = symbols;
    in->embedding.width = b->width;
    in->embedding.dropout = c->model.dropout;
    in->embedding.site = (*site)++;
    if (table != NULL) {
        TRY(parameters_add(p, &in->table, table, 2, symbols, b->width, FILL_NORMAL));
    } else {
        in->table = b->source.table;
        parameters_add_use(p, in->table, &in->use);
    }
    return add_positions(b, c, in, positions);
}

static status add_frames(body *b, const config *c, body_input *in, int *site)
{
    int mels = c->data.source.mels, stack = c->data.source.stack;

    in->first = b->parameters.count;
    in->frame_width = mels * stack;
    in->embedding.width = b->width;
    in->frames = (frames){
        .places = in->embedding.places,
        .augment = {.mels = mels,
                    .stack = stack,
                    .frequency_masks = c->training.spec_augment.frequency_masks,
                    .frequency_width = c->training.spec_augment.frequency_width,
                    .time_masks = c->training.spec_augment.time_masks,
                    .time_width = c->training.spec_augment.time_width},
        .dropout = c->model.dropout,
        .site = (*site)++,
    };
    TRY(linear_add(&b->parameters, &in->projection, "source_projection.", in->frame_width,
                   b->width));
    return add_positions(b, c, in, "source_positions.weight");
}

static status add_source(body *b, const config *c, int symbols, int *site)
{
    if (c->data.source.kind == INPUT_AUDIO)
        return add_frames(b, c, &b->source, site);
    return add_input(b, c, &b->source, "source_embedding.weight", "source_positions.weight",
                     symbols, site);
}

/* Learned positions end where training sentences do; the others must also reach as far as
 * decoding may go. */
static int places_of(const config *c)
{
    int length = c->data.max_length;

    if (task_of(c)->decoder != NO_DECODER && c->model.positions != POSITIONS_LEARNED &&
        c->decode.max_length > length)
        length = c->decode.max_length;
    return length + 1;
}

static int target_places_of(const config *c)
{
    if (c->model.decoder == DECODER_PARALLEL && c->model.length.kind == LENGTH_FIXED)
        return c->model.length.tokens;
    return places_of(c);
}

static status set_sinusoids(body *b, const config *c)
{
    int places = b->source.embedding.places, target = b->target.embedding.places;

    places = target > places ? target : places;
    if (c->model.positions == POSITIONS_LEARNED)
        return STATUS_OK;
    b->sinusoids = memory_create((size_t)places * (size_t)b->width, sizeof(float));
    if (b->sinusoids == NULL)
        return fail(STATUS_NOMEM, "no memory for %d positions", places);
    embedding_sinusoids(b->sinusoids, places, b->width);
    return STATUS_OK;
}

/* The one place that says so. */
bool body_decodes(const body *b)
{
    return b->decoder.count > 0;
}

status body_init(body *b, const config *c, int source_symbols, int target_symbols, int *site)
{
    const char *target_table = c->model.tie == TIE_ALL ? NULL : "target_embedding.weight";

    *b = (body){.width = c->model.width, .feed_forward = c->model.feed_forward};
    parameters_init(&b->parameters);
    b->source.embedding.places = places_of(c);
    b->target.embedding.places = target_places_of(c);
    TRY(set_sinusoids(b, c));
    TRY(add_source(b, c, source_symbols, site));
    TRY(encoder_init(&b->encoder, c, &b->parameters, site));
    if (task_of(c)->decoder == NO_DECODER)
        return STATUS_OK;
    TRY(add_input(b, c, &b->target, target_table, "target_positions.weight", target_symbols,
                  site));
    return decoder_init(&b->decoder, c, &b->parameters, site);
}

static void view_frames(body *b, body_input *in)
{
    const parameters *p = &b->parameters;
    frames *f = &in->frames;

    f->projection = linear_view(p, &b->weights, in->projection);
    f->positions = b->sinusoids;
    if (in->positions >= 0) {
        f->positions = parameters_values(p, in->positions);
        f->positions_gradient = parameters_gradient(p, in->positions, 0);
    }
}

static void view_input(body *b, body_input *in)
{
    const parameters *p = &b->parameters;
    embedding *e = &in->embedding;

    e->table = parameters_values(p, in->table);
    e->table_gradient = parameters_gradient(p, in->table, in->use);
    e->positions = b->sinusoids;
    if (in->positions >= 0) {
        e->positions = parameters_values(p, in->positions);
        e->positions_gradient = parameters_gradient(p, in->positions, 0);
    }
}

void body_view(body *b)
{
    b->weights = (weight_slab){.values = b->parameters.values};
    if (b->source.frame_width > 0)
        view_frames(b, &b->source);
    else
        view_input(b, &b->source);
    encoder_view(&b->encoder, &b->parameters, &b->weights);
    if (!body_decodes(b))
        return;
    view_input(b, &b->target);
    decoder_view(&b->decoder, &b->parameters, &b->weights);
}

void body_free(body *b)
{
    encoder_free(&b->encoder);
    decoder_free(&b->decoder);
    memory_destroy(b->sinusoids);
    memory_destroy(b->packed);
    memory_destroy(b->tables[0]);
    memory_destroy(b->tables[1]);
    parameters_free(&b->parameters);
    *b = (body){0};
}

/* ---- forward ---- */

/* The last parameter that the side's embedding reads. */
static int last_of(const body_input *in)
{
    int last = in->frame_width > 0 ? in->projection.bias : in->table;

    return in->positions > last ? in->positions : last;
}

static matrix embed(const body_input *in, pass *pass, const stream *stream)
{
    matrix x = pass_matrix(pass, stream->packed.rows, in->embedding.width);

    if (last_of(in) >= in->first) /* a table of the other side's is there */
        pass_need(pass, last_of(in));
    trace_begin(TRACE_EMBEDDING);
    embedding_forward(&in->embedding, pass, stream, x);
    trace_end();
    return x;
}

static matrix embed_frames(const body_input *in, pass *pass, body_memory *m)
{
    matrix x = pass_matrix(pass, m->source.packed.rows, in->embedding.width);

    pass_need(pass, last_of(in));
    trace_begin(TRACE_EMBEDDING);
    frames_forward(&in->frames, pass, &m->source, x, &m->frames);
    trace_end();
    return x;
}

body_memory body_encode(const body *b, pass *pass, const packed *source, const int32_t *words)
{
    body_memory m = {.source = stream_push(pass, source)};
    matrix x = b->source.frame_width > 0 ? embed_frames(&b->source, pass, &m)
                                         : embed(&b->source, pass, &m.source);

    if (words != NULL)
        word_codes_add(pass, words, x);
    m.memory = encoder_forward(&b->encoder, pass, &m.source, x, &m.saved);
    m.attended = decoder_memory_push(&b->decoder, pass, m.memory);
    return m;
}

body_decoded body_decode(const body *b, pass *pass, const body_memory *memory,
                         const packed *fed)
{
    body_decoded d = {.target = stream_push(pass, fed)};

    if (!body_decodes(b))
        return d;
    matrix y = embed(&b->target, pass, &d.target);

    d.states = decoder_forward(&b->decoder, pass, &d.target, &memory->source, y,
                               memory->attended, &d.saved);
    return d;
}

/* ---- place by place ---- */

enum { ENCODED_ROWS = 512 }; /* about as many rows of a source are encoded together */

/* The sentences from `first` on that are encoded together, at least one. */
static packed part_of(arena *arena, const packed *source, int first)
{
    int32_t *offsets =
        arena_push(arena, (size_t)(source->sequences - first) + 1, sizeof(*offsets));
    const int32_t *from = source->offsets + first;
    int count = 0;

    offsets[0] = 0;
    do {
        count++;
        offsets[count] = from[count] - from[0];
    } while (first + count < source->sequences && offsets[count] < ENCODED_ROWS);
    return packed_one_grain(arena, source->ids + from[0], offsets, count);
}

/* Part by part: what the encoder leaves behind stays small, and in cache. */
static void remember_parts(const body *b, pass *pass, const packed *source,
                           decoder_layer_cache *layers)
{
    for (int first = 0; first < source->sequences;) {
        size_t mark = arena_mark(pass->arena);
        packed part = part_of(pass->arena, source, first);
        body_memory memory = body_encode(b, pass, &part, NULL);

        decoder_remember(&b->decoder, pass, &memory.source, memory.memory, layers, first);
        first += part.sequences;
        arena_release(pass->arena, mark);
    }
}

decoder_layer_cache *body_cache_push(const body *b, pass *pass, const packed *source,
                                     int sequences, int room, const body_keep *keep)
{
    decoder_layer_cache *layers =
        decoder_layers_push(&b->decoder, pass->arena, b->width, source, sequences, room);

    if (keep == NULL && source->ids != NULL) {
        remember_parts(b, pass, source, layers);
        return layers;
    }
    size_t mark = arena_mark(pass->arena);
    body_memory memory = body_encode(b, pass, source, keep != NULL ? keep->words : NULL);

    decoder_remember(&b->decoder, pass, &memory.source, memory.memory, layers, 0);
    if (keep != NULL)
        keep->make(keep->head, pass, &memory, keep->copied);
    arena_release(pass->arena, mark);
    return layers;
}

matrix body_step(const body *b, pass *pass, decoder_layer_cache *layers, const stream *rows,
                 const int32_t *sequences, const int32_t *sentences)
{
    matrix x = embed(&b->target, pass, rows);

    return decoder_step(&b->decoder, pass, rows, layers, sequences, sentences, x);
}

/* ---- backward ---- */

static void embed_backward(const body_input *in, pass *pass, const stream *stream, matrix dx)
{
    trace_begin(TRACE_EMBEDDING);
    embedding_backward(&in->embedding, pass, stream, dx);
    trace_end();
    pass_ready_use(pass, in->table, in->use);
    pass_ready(pass, in->first);
}

static void source_backward(const body *b, pass *pass, const body_memory *m, matrix dx)
{
    if (b->source.frame_width == 0) {
        embed_backward(&b->source, pass, &m->source, dx);
        return;
    }
    trace_begin(TRACE_EMBEDDING);
    frames_backward(&b->source.frames, pass, &m->source, dx, &m->frames);
    trace_end();
    pass_ready(pass, b->source.first);
}

/* dmemory is set, or `add` to it. */
static void decode_backward(const body *b, pass *pass, const body_memory *memory,
                            body_decoded *decoded, matrix dstates, matrix dmemory, bool add)
{
    size_t mark = arena_mark(pass->arena);
    matrix spare = pass_matrix(pass, dstates.rows, dstates.cols);
    matrix dtarget = decoder_backward(&b->decoder, pass, &decoded->target, &memory->source,
                                      dstates, spare, dmemory, add, &decoded->saved);

    embed_backward(&b->target, pass, &decoded->target, dtarget);
    arena_release(pass->arena, mark);
}

void body_backward(const body *b, pass *pass, body_memory *memory, body_decoded *decoded,
                   matrix dstates, matrix dmemory)
{
    bool add = dmemory.data != NULL;

    if (!add)
        dmemory = pass_matrix(pass, memory->memory.rows, b->width);
    if (body_decodes(b))
        decode_backward(b, pass, memory, decoded, dstates, dmemory, add);
    size_t mark = arena_mark(pass->arena);
    matrix spare = pass_matrix(pass, memory->memory.rows, b->width);
    matrix dsource =
        encoder_backward(&b->encoder, pass, &memory->source, dmemory, spare, &memory->saved);
    source_backward(b, pass, memory, dsource);
    arena_release(pass->arena, mark);
}

/* ---- products ---- */

double body_input_products(const body *b, const packed *source)
{
    return (double)source->rows * b->source.frame_width * b->width;
}

double body_attention_products(const body *b, const packed *source, const packed *target)
{
    double w = b->width, self = 0.0, seen = 0.0, cross = 0.0;
    bool causal = body_decodes(b) && b->decoder.layers[0].self_attn.attention.causal;

    for (int s = 0; s < source->sequences; s++) {
        double n = source->offsets[s + 1] - source->offsets[s];
        double m = target->offsets[s + 1] - target->offsets[s];
        self += n * n;
        seen += causal ? m * (m + 1) / 2 : m * m;
        cross += m * n;
    }
    double encoder = 4 * w * w * source->rows + 2 * w * self;
    double decoder =
        6 * w * w * target->rows + 2 * w * w * source->rows + 2 * w * (seen + cross);
    return b->encoder.count * encoder + b->decoder.count * decoder;
}

double body_feed_forward_products(const body *b, const packed *source, const packed *target)
{
    double rows =
        (double)b->encoder.count * source->rows + (double)b->decoder.count * target->rows;

    return rows * 2.0 * b->width * b->feed_forward;
}

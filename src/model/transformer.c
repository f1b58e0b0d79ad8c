/* transformer.c - the assembled model. */
#include "lockstep/model/transformer.h"

#include <string.h>

#include "copying.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"

struct transformer {
    body body;
    const task *task;
    head *head;
    copying copying; /* where the task copies */
};

/* A mask is told by 16 bits of its site (tensor/dropout.h). */
static status check_sites(int sites)
{
    if (sites <= UINT16_MAX + 1)
        return STATUS_OK;
    return fail(STATUS_CONFIG,
                "model: %d layers and heads with dropout of their own, and at most %d can be "
                "told apart; take fewer model.encoder_layers, decoder_layers or heads",
                sites, UINT16_MAX + 1);
}

static status build(transformer *t, const config *c, int source_symbols, int target_symbols,
                    int nodes)
{
    int sites = 0;

    t->task = task_of(c);
    TRY(body_init(&t->body, c, source_symbols, target_symbols, &sites));
    TRY(t->task->open(&t->head, c, &t->body, target_symbols));
    TRY(check_sites(sites));
    t->body.parameters.half = c->distributed.gradients == BFLOAT16;
    TRY(parameters_allocate(&t->body.parameters, nodes));
    body_view(&t->body);
    t->task->view(t->head, &t->body);
    t->copying.codes = c->model.copy_codes != 0;
    return t->task->copies ? copying_init(&t->copying, source_symbols, target_symbols)
                           : STATUS_OK;
}

status transformer_create(transformer **out, const config *c, int source_symbols,
                          int target_symbols, int nodes)
{
    transformer *t = memory_create(1, sizeof(*t));

    if (t == NULL)
        return fail(STATUS_NOMEM, "no memory for the model");
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
    if (t->head != NULL)
        t->task->close(t->head);
    body_free(&t->body);
    copying_free(&t->copying);
    memory_destroy(t);
}

parameters *transformer_parameters(transformer *t)
{
    return &t->body.parameters;
}

const task *transformer_task(const transformer *t)
{
    return t->task;
}

int transformer_places(const transformer *t)
{
    int source = t->body.source.embedding.places, target = t->body.target.embedding.places;

    return source < target ? source : target;
}

int transformer_symbols(const transformer *t)
{
    return t->task->symbols(t->head);
}

body_memory transformer_encode(const transformer *t, pass *pass, const packed *source)
{
    if (!t->task->copies)
        return body_encode(&t->body, pass, source, NULL);
    packed fed = *source;
    const int32_t *words;
    copy_memory *copied = copying_push(&t->copying, pass, &fed, t->body.width, &words);
    body_memory memory = body_encode(&t->body, pass, &fed, words);

    memory.copied = copied;
    return memory;
}

matrix transformer_states(const transformer *t, pass *pass, const body_memory *memory,
                          const packed *asked)
{
    CHECK(t->task->states != NULL);
    return t->task->states(t->head, pass, memory, asked);
}

matrix transformer_decode(const transformer *t, pass *pass, const body_memory *memory,
                          const packed *fed)
{
    return body_decode(&t->body, pass, memory, fed).states;
}

feed transformer_feed(const transformer *t, pass *pass, const packed *truth, bool draws)
{
    return t->task->feed(t->head, pass, truth, draws);
}

attended transformer_attend(const transformer *t, pass *pass, const packed *source,
                            const packed *fed)
{
    const body *b = &t->body;
    body_memory memory = transformer_encode(t, pass, source);
    body_decoded decoded = body_decode(b, pass, &memory, fed);
    copy_saved copy = {.weights = NULL};

    if (t->task->copies) {
        pass_need(pass, t->body.parameters.count - 1);
        t->task->attend(t->head, pass, &memory, &decoded, &copy);
    }
    return (attended){.heads = b->encoder.layers[0].self_attn.attention.heads,
                      .layers = {[ATTENDED_ENCODER] = b->encoder.count,
                                 [ATTENDED_DECODER] = b->decoder.count,
                                 [ATTENDED_CROSS] = b->decoder.count},
                      .saved = {[ATTENDED_ENCODER] = memory.saved.self_attn,
                                [ATTENDED_DECODER] = decoded.saved.self_attn,
                                [ATTENDED_CROSS] = decoded.saved.multihead_attn},
                      .copy = copy.weights,
                      .gates = copy.gates};
}

void transformer_forward(const transformer *t, pass *pass, const packed *source,
                         const packed *fed, const int32_t *gold, head_result *out)
{
    body_memory memory = transformer_encode(t, pass, source);
    body_decoded decoded = body_decode(&t->body, pass, &memory, fed);

    *out = (head_result){.gates = NULL};
    t->task->losses(t->head, pass, &(head_input){&memory, &decoded, gold}, out);
}

void transformer_learn(const transformer *t, pass *pass, body_memory *memory, const packed *fed,
                       const int32_t *gold, loss_scale scale, head_result *out)
{
    body_decoded decoded = body_decode(&t->body, pass, memory, fed);
    matrix dstates = pass_matrix(pass, decoded.states.rows, decoded.states.cols);
    matrix dmemory = {0};

    if (t->task->reads_memory)
        dmemory = pass_matrix(pass, memory->memory.rows, memory->memory.cols);
    *out = (head_result){.gates = NULL};
    t->task->learn(t->head, pass, &(head_input){memory, &decoded, gold}, scale, dstates,
                   dmemory, out);
    body_backward(&t->body, pass, memory, &decoded, dstates, dmemory);
}

void transformer_lengths(const transformer *t, pass *pass, const body_memory *memory, int count,
                         int32_t *lengths, float *log_p)
{
    CHECK(t->task->lengths != NULL);
    t->task->lengths(t->head, pass, memory, transformer_places(t) - 1, count, lengths, log_p);
}

int32_t transformer_filler(const transformer *t)
{
    CHECK(t->task->filler != NULL);
    return t->task->filler(t->head);
}

void transformer_predict(const transformer *t, pass *pass, matrix states,
                         const generator_query *query, int32_t *symbols)
{
    CHECK(t->task->predict != NULL);
    t->task->predict(t->head, pass, states, query, symbols);
}

status transformer_pack(transformer *t, int threads)
{
    return body_pack(&t->body, threads);
}

status transformer_pack_begin(transformer *t)
{
    return body_pack_begin(&t->body);
}

void transformer_pack_next(transformer *t, int last, int threads)
{
    body_pack_next(&t->body, last, threads);
}

status transformer_pack_in_place(transformer *t, int threads)
{
    return body_pack_in_place(&t->body, threads);
}

void transformer_unpack(transformer *t)
{
    body_unpack(&t->body);
}

void transformer_best(const transformer *t, pass *pass, matrix states,
                      const generator_best_query *query, int32_t *symbols, float *log_p)
{
    t->task->best(t->head, pass, states, query, symbols, log_p);
}

void transformer_log_p(const transformer *t, pass *pass, matrix states, const copy_rows *copied,
                       matrix log_p)
{
    t->task->log_p(t->head, pass, states, copied, log_p);
}

decoder_cache *transformer_cache_push(const transformer *t, pass *pass, const packed *source,
                                      const int32_t *sentences, int slots, int room)
{
    if (!t->task->copies)
        return decoder_cache_push(&t->body, pass, source, sentences, slots, room, NULL);
    packed fed = *source;
    body_keep keep = {.head = t->head, .make = t->task->remember};

    keep.copied = copying_push(&t->copying, pass, &fed, t->body.width, &keep.words);
    return decoder_cache_push(&t->body, pass, &fed, sentences, slots, room, &keep);
}

matrix transformer_step(const transformer *t, pass *pass, decoder_cache *cache,
                        const int32_t *slots, const int32_t *ids, int count)
{
    int32_t *fed = NULL;

    if (t->task->copies) {
        fed = arena_push(pass->arena, (size_t)count, sizeof(*fed));
        for (int i = 0; i < count; i++)
            fed[i] = transformer_fed(t, ids[i]);
    }
    return decoder_cache_step(&t->body, pass, cache, slots, fed != NULL ? fed : ids, count);
}

/* ---- copying ---- */

void transformer_set_copied(transformer *t, const int32_t *copied)
{
    if (t->task->copies)
        memcpy(t->copying.copied, copied,
               (size_t)t->copying.source_symbols * sizeof(*t->copying.copied));
}

bool transformer_copies(const transformer *t)
{
    return t->task->copies;
}

int32_t transformer_fed(const transformer *t, int32_t number)
{
    return number < transformer_symbols(t) ? number : TOKEN_UNK;
}

int transformer_numbers(const transformer *t, const packed *source)
{
    return t->task->copies ? copying_numbers(&t->copying, source) : transformer_symbols(t);
}

const copy_rows *transformer_copied(const transformer *t, pass *pass, const body_memory *memory,
                                    const packed *fed)
{
    if (!t->task->copies)
        return NULL;
    pass_need(pass, t->body.parameters.count - 1);
    t->task->remember(t->head, pass, memory, memory->copied);
    return copying_rows(pass, memory->copied, fed);
}

const copy_rows *transformer_copied_at(const transformer *t, pass *pass,
                                       const decoder_cache *cache, const int32_t *slots,
                                       int count)
{
    return t->task->copies ? decoder_cache_copied(cache, pass, slots, count) : NULL;
}

/* Of a forward pass: queries, keys, and their products. */
static double copying_products(const transformer *t, const packed *source, const packed *fed)
{
    double width = t->body.width, pairs = 0.0;

    for (int s = 0; s < source->sequences && t->task->copies; s++)
        pairs += (double)(source->offsets[s + 1] - source->offsets[s]) *
                 (fed->offsets[s + 1] - fed->offsets[s]);
    return t->task->copies ? width * (width * (source->rows + fed->rows) + pairs) : 0.0;
}

model_flops transformer_flops(const transformer *t, const packed *source, const packed *fed,
                              int scored)
{
    const double each = 3.0 * 2.0; /* forward and two backward; multiply and add */
    const body *b = &t->body;

    return (model_flops){
        .input = 2.0 * 2.0 * body_input_products(b, source), /* no gradient of frames */
        .attention = each * body_attention_products(b, source, fed),
        .feed_forward = each * body_feed_forward_products(b, source, fed),
        .output = each * (1.0 * scored * b->width * transformer_symbols(t) +
                          copying_products(t, source, fed)),
    };
}

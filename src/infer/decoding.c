/* decoding.c - a model's outputs, the work shared by ranks and threads. */
#include "lockstep/infer/decoding.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "length_order.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/decode/search.h"
#include "source_pack.h"
#include "tag_order.h"

/* What the threads share. */
typedef struct shared {
    const decoding *d;
    const pair_set *sources;
    int64_t *order;      /* [sources] in which they are decoded, owned */
    uint8_t *may_follow; /* of tags that keep to an order (decode/search.h), owned */
    decoding_take take;
    void *user;
    int batch;             /* sources */
    int64_t batches, done; /* of all ranks; sources of this one */
    _Atomic int failed;    /* a status */
    char message[512];     /* of the first failure */
} shared;

static bool orders_tags(const decoding *d)
{
    return transformer_task(d->model)->output == OUTPUT_TAGS &&
           d->config->decode.tags != TAGS_LIKELIEST;
}

static search_options options_of(const shared *s)
{
    const decoding *d = s->d;
    const config *c = d->config;

    return (search_options){.max_length = c->decode.max_length,
                            .min_length = c->decode.min_length,
                            .max_ratio = c->decode.max_ratio,
                            .source_end = task_source_end(d->config),
                            .unknown = c->decode.unknown,
                            .beam = c->decode.beam,
                            .n_best = d->n_best > 0 ? d->n_best : c->decode.n_best,
                            .length_penalty = c->decode.length_penalty,
                            .temperature = c->decode.temperature,
                            .top_k = c->decode.top_k,
                            .top_p = c->decode.top_p,
                            .seed = (uint64_t)c->decode.seed,
                            .unscored = d->unscored,
                            .iterations = c->decode.iterations,
                            .lengths = c->decode.lengths,
                            .may_follow = s->may_follow};
}

static const search *search_of(const decoding *d)
{
    switch (transformer_task(d->model)->decoder) {
    case NO_DECODER:
        return search_find(orders_tags(d) ? "tags" : "classify");
    case DECODER_PARALLEL:
        return search_find("parallel");
    default:
        return search_find(config_word("decode.search", d->config->decode.search));
    }
}

/* ---- a batch in ---- */

/* Which rows of the source have a tag. */
static packed pack_asked(const shared *s, arena *arena, const int64_t *pairs,
                         const packed *source)
{
    int32_t *ids = arena_push(arena, (size_t)source->rows, sizeof(*ids));
    size_t size;

    for (int i = 0; i < source->sequences; i++) {
        const void *from = pair_set_get(s->sources, SIDE_TARGET, pairs[i], &size);

        CHECK((int)size == source->offsets[i + 1] - source->offsets[i]);
        memcpy(ids + source->offsets[i], from, size * sizeof(*ids));
    }
    return packed_one_grain(arena, ids, source->offsets, source->sequences);
}

/* ---- outputs ---- */

/* Symbols as they are, a space between: a label alone, or tags. */
static status add_symbols(const decoding *d, const decoded *output, buffer *line)
{
    const vocabulary *target = sides_vocabulary(d->sides, SIDE_TARGET);

    for (size_t i = 0; i < output->count; i++) {
        const char *symbol = vocabulary_symbol(target, output->ids[i]);

        TRY(buffer_add(line, " ", i > 0));
        TRY(buffer_add(line, symbol, strlen(symbol)));
    }
    return STATUS_OK;
}

/* An output as a line. */
static status add_line(const shared *s, const decoded *output, buffer *line)
{
    const decoding *d = s->d;

    switch (transformer_task(d->model)->output) {
    case OUTPUT_SEQUENCE:
        TRY(sides_decode(d->sides, s->sources, output->pair, output->ids, output->count,
                         d->config->data.target.continuation, line));
        break;
    case OUTPUT_LABEL:
    case OUTPUT_TAGS:
        TRY(add_symbols(d, output, line));
        break;
    }
    return buffer_add(line, "", 0); /* there is a 0 byte after nothing too */
}

static status take_output(const shared *s, const search_output *o, int64_t pair, int n,
                          buffer *text)
{
    decoded output = {.pair = pair,
                      .n = n,
                      .score = o->score,
                      .ids = o->ids,
                      .count = (size_t)o->count,
                      .ended = o->ended};

    buffer_clear(text);
    TRY(add_line(s, &output, text));
    output.text = text->data;
    output.size = text->size;
    return s->take(s->user, &output);
}

static status take_outputs(const shared *s, const int64_t *pairs, int count,
                           const search_result *found)
{
    buffer text = {0};
    status result = STATUS_OK;

    for (int i = 0; i < count * found->each && result == STATUS_OK; i++)
        if (i % found->each == 0 || found->list[i].score > -INFINITY)
            result =
                take_output(s, &found->list[i], pairs[i / found->each], i % found->each, &text);
    buffer_free(&text);
    return result;
}

/* One thread at a time. */
static void note(shared *s, status result, int count)
{
    int64_t all = s->sources->pairs;

    s->done += count;
    if (result != STATUS_OK) {
        s->failed = result;
        snprintf(s->message, sizeof(s->message), "%s", error_message());
    } else if (s->d->show != NULL) {
        int64_t done = s->done * world_size(s->d->world);
        s->d->show(s->user, done < all ? done : all, all);
    }
}

/* ---- the whole ---- */

static void decode_batch(shared *s, arena *arena, int64_t batch)
{
    int64_t first = batch * s->batch, left = s->sources->pairs - first;
    int count = left < s->batch ? (int)left : s->batch;
    size_t mark = arena_mark(arena);
    pass p = {.arena = arena, .threads = 1};
    const search *search = search_of(s->d);
    search_options options = options_of(s);
    const int64_t *pairs = s->order + first;
    packed source = source_pack(arena, s->d->config, s->sources, pairs, count), asked;
    int64_t *numbers = arena_push(arena, (size_t)count, sizeof(*numbers));
    search_result found;

    CHECK(search != NULL);
    if (transformer_task(s->d->model)->output == OUTPUT_TAGS) {
        asked = pack_asked(s, arena, pairs, &source);
        options.asked = &asked;
    }
    for (int i = 0; i < count; i++)
        numbers[i] = s->d->numbers != NULL ? s->d->numbers[pairs[i]] : pairs[i];
    search->run(s->d->model, &p, &source, numbers, &options, stop_signal, &found);
#pragma omp critical(decoding_take)
    if (s->failed == STATUS_OK && stop_signal() == 0)
        note(s, take_outputs(s, pairs, count, &found), count);
    arena_release(arena, mark);
}

/* No more than this rank has batches: an answer to one line waits for no other thread. */
static int threads_of(const shared *s)
{
    int ranks = world_size(s->d->world), most = s->d->config->run.threads;
    int64_t mine = (s->batches - world_rank(s->d->world) + ranks - 1) / ranks;

    return mine < 1 ? 1 : mine < most ? (int)mine : most;
}

/* This rank's batches. */
static void decode_share(shared *s)
{
    int threads = threads_of(s);
    const arena *whole = s->d->arena;

#pragma omp parallel num_threads(threads)
    {
        arena mine = arena_part(whole, threads, omp_get_thread_num());
#pragma omp for schedule(dynamic, 1)
        for (int64_t b = world_rank(s->d->world); b < s->batches; b += world_size(s->d->world))
            if (stop_signal() == 0 && s->failed == STATUS_OK)
                decode_batch(s, &mine, b);
    }
}

/* Outputs of a source that grow side by side. */
static int outputs_of(const config *c)
{
    return c->decode.search == SEARCH_BEAM ? c->decode.beam : 1;
}

/* Few sources are shared by all threads of all ranks. */
static int batch_of(const decoding *d, int64_t sources)
{
    int64_t threads = (int64_t)world_size(d->world) * d->config->run.threads;
    int64_t share = (sources + threads - 1) / threads;
    int most = d->config->decode.batch / outputs_of(d->config);

    most = most > 1 ? most : 1;
    return share < most ? (int)share : most;
}

static status prepare(shared *s)
{
    if (orders_tags(s->d))
        TRY(tag_order_create(&s->may_follow, sides_vocabulary(s->d->sides, SIDE_TARGET),
                             config_word("decode.tags", s->d->config->decode.tags)));
    status result = length_order_create(&s->order, s->sources);
    if (result != STATUS_OK)
        memory_destroy(s->may_follow);
    return result;
}

status decoding_run(const decoding *d, const pair_set *sources, decoding_take take, void *user)
{
    shared s = {.d = d, .sources = sources, .take = take, .user = user};

    if (sources->pairs == 0)
        return STATUS_OK;
    s.batch = batch_of(d, sources->pairs);
    s.batches = (sources->pairs + s.batch - 1) / s.batch;
    TRY(world_agree(d->world, prepare(&s)));
    world_compute_begin(d->world);
    decode_share(&s);
    world_work_end(d->world);
    memory_destroy(s.order);
    memory_destroy(s.may_follow);
    /* A search that a signal cut short is known by the agreement that follows it. */
    if (world_max(d->world, stop_signal()) != 0)
        return STATUS_STOPPED;
    return world_agree(
        d->world, s.failed == STATUS_OK ? STATUS_OK : fail((status)s.failed, "%s", s.message));
}

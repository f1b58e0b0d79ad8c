/* decoding.c - a model's outputs, the work shared by ranks and threads. */
#include "lockstep/infer/decoding.h"

#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "length_order.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/token.h"
#include "lockstep/decode/search.h"

/* What the threads share. */
typedef struct shared {
    const decoding *d;
    const pair_set *sources;
    int64_t *order; /* [sources] in which they are decoded, owned */
    decoding_take take;
    void *user;
    int batch;             /* sources */
    int64_t batches, done; /* of all ranks; sources of this one */
    _Atomic int failed;    /* a status */
    char message[512];     /* of the first failure */
} shared;

static search_options options_of(const decoding *d)
{
    const config *c = d->config;

    return (search_options){.max_length = c->decode.max_length,
                            .min_length = c->decode.min_length,
                            .max_ratio = c->decode.max_ratio,
                            .source_end = transformer_task(d->model)->source_end,
                            .unknown = c->decode.unknown,
                            .beam = c->decode.beam,
                            .n_best = c->decode.n_best,
                            .length_penalty = c->decode.length_penalty,
                            .temperature = c->decode.temperature,
                            .top_k = c->decode.top_k,
                            .top_p = c->decode.top_p,
                            .seed = (uint64_t)c->decode.seed,
                            .iterations = c->decode.iterations,
                            .lengths = c->decode.lengths};
}

/* A parallel decoder is searched in one way. */
static const search *search_of(const config *c)
{
    return search_find(c->model.decoder == DECODER_PARALLEL
                           ? "parallel"
                           : config_word("decode.search", c->decode.search));
}

/* ---- a batch in ---- */

static packed pack_sources(const shared *s, arena *arena, const int64_t *pairs, int count)
{
    bool end = transformer_task(s->d->model)->source_end;
    int32_t *offsets = arena_push(arena, (size_t)count + 1, sizeof(*offsets));
    int32_t rows = 0;
    size_t size;

    for (int i = 0; i < count; i++) {
        offsets[i] = rows;
        pair_set_get(s->sources, SIDE_SOURCE, pairs[i], &size);
        rows += (int32_t)size + end;
    }
    offsets[count] = rows;
    int32_t *ids = arena_push(arena, (size_t)rows, sizeof(*ids));
    for (int i = 0; i < count; i++) {
        const void *from = pair_set_get(s->sources, SIDE_SOURCE, pairs[i], &size);
        memcpy(ids + offsets[i], from, size * sizeof(*ids));
        if (end)
            ids[offsets[i + 1] - 1] = TOKEN_END;
    }
    return packed_one_grain(arena, ids, offsets, count);
}

/* ---- outputs ---- */

/* An output as a line. */
static status add_line(const shared *s, const decoded *output, buffer *line)
{
    const decoding *d = s->d;

    switch (transformer_task(d->model)->output) {
    case OUTPUT_SEQUENCE:
        TRY(sides_decode(d->sides, s->sources, output->pair, output->ids, output->count,
                         d->config->data.target.continuation, line));
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
    const search *search = search_of(s->d->config);
    search_options options = options_of(s->d);
    const int64_t *pairs = s->order + first;
    packed source = pack_sources(s, arena, pairs, count);
    int64_t *numbers = arena_push(arena, (size_t)count, sizeof(*numbers));
    search_result found;

    CHECK(search != NULL);
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

status decoding_run(const decoding *d, const pair_set *sources, decoding_take take, void *user)
{
    shared s = {.d = d, .sources = sources, .take = take, .user = user};

    CHECK(sources->elements[SIDE_SOURCE].kind == ELEMENT_SYMBOL);
    if (sources->pairs == 0)
        return STATUS_OK;
    s.batch = batch_of(d, sources->pairs);
    s.batches = (sources->pairs + s.batch - 1) / s.batch;
    TRY(world_agree(d->world, length_order_create(&s.order, sources)));
    world_work_begin(d->world);
    decode_share(&s);
    world_work_end(d->world);
    memory_destroy(s.order);
    /* A search that a signal cut short is known by the agreement that follows it. */
    if (world_max(d->world, stop_signal()) != 0)
        return STATUS_STOPPED;
    return world_agree(
        d->world, s.failed == STATUS_OK ? STATUS_OK : fail((status)s.failed, "%s", s.message));
}

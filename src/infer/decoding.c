/* decoding.c - a model's outputs, the work shared by the ranks. */
#include "lockstep/infer/decoding.h"

#include <limits.h>

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/decode/search.h"
#include "lockstep/infer/share.h"

static search_limits limits_of(const decoding *d)
{
    return (search_limits){.max_length = d->config->decode.max_length,
                           .max_ratio = d->config->decode.max_ratio,
                           .source_end = transformer_task(d->model)->source_end};
}

/* An output as a line. */
static status add_line(const decoding *d, const decoded *output, buffer *line)
{
    switch (transformer_task(d->model)->output) {
    case OUTPUT_SEQUENCE:
        TRY(vocabulary_decode(d->target, output->ids, output->count,
                              d->config->data.target.continuation, line));
    }
    return buffer_add(line, "", 0); /* there is a 0 byte after nothing too */
}

static status take_outputs(const decoding *d, const batch *b, const search_result *found,
                           decoding_take take, void *user)
{
    buffer text = {0};
    status result = STATUS_OK;

    for (int s = 0; s < b->source.sequences && result == STATUS_OK; s++) {
        decoded output = {.pair = b->pairs[s],
                          .ids = found->ids + found->offsets[s],
                          .count = (size_t)(found->offsets[s + 1] - found->offsets[s]),
                          .ended = found->ended[s]};

        buffer_clear(&text);
        result = add_line(d, &output, &text);
        output.text = text.data;
        output.size = text.size;
        if (result == STATUS_OK)
            result = take(user, &output);
    }
    buffer_free(&text);
    return result;
}

/* A search that a signal cut short is known by the agreement that follows it. */
static status decode_batch(const decoding *d, const batch *b, decoding_take take, void *user)
{
    size_t mark = arena_mark(d->arena);
    pass p = {.arena = d->arena, .threads = d->config->run.threads};
    const search *search = search_find(config_word("decode.search", d->config->decode.search));
    search_limits limits = limits_of(d);
    search_result found = {0};

    CHECK(search != NULL);
    if (b->source.sequences > 0)
        search->run(d->model, &p, &b->source, &limits, stop_signal, &found);
    status result = STATUS_STOPPED;
    if (world_max(d->world, stop_signal()) == 0)
        result = world_agree(d->world, take_outputs(d, b, &found, take, user));
    arena_release(d->arena, mark);
    return result;
}

static status decode_all(const decoding *d, loader *from, decoding_take take, void *user)
{
    int64_t done = 0;

    for (;;) {
        batch b;
        bool end;

        TRY(world_agree(d->world, loader_next(from, &b, &end)));
        if (end)
            return STATUS_OK;
        TRY(decode_batch(d, &b, take, user));
        done += b.global_pairs;
        if (d->progress != NULL)
            log_progress("%s %lld/%lld", d->progress, (long long)done,
                         (long long)loader_pairs(from));
    }
}

status decoding_run(const decoding *d, const pair_source *sources, decoding_take take,
                    void *user)
{
    const loader_settings settings = share_settings(d->config, d->world);
    loader *from = NULL;

    if (sources->pairs == 0)
        return STATUS_OK;
    status result = world_agree(d->world, loader_create_from(&from, sources, &settings));
    if (result == STATUS_OK)
        result = decode_all(d, from, take, user);
    loader_destroy(from);
    return result;
}

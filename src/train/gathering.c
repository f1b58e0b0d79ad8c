/* gathering.c - batch norm's running values gathered anew. */
#include "lockstep/train/gathering.h"

#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "lockstep/exchange/batch_sum.h"
#include "lockstep/infer/scratch.h"
#include "lockstep/infer/share.h"

typedef struct gathering {
    world *world;
    const config *config;
    transformer *model;
    loader *loader;
    batch_sum *sum;
    arena arena;
    float *before;   /* the running values */
    int64_t batches; /* taken in */
} gathering;

static parameters *buffers_of(const gathering *g)
{
    return transformer_parameters(g->model)->buffers;
}

static status open_local(gathering *g, dataset *from)
{
    loader_settings settings = share_settings(g->config, g->world);
    size_t count = buffers_of(g)->floats;

    g->before = memory_create(count, sizeof(*g->before));
    if (g->before == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu running values", count);
    memcpy(g->before, buffers_of(g)->values, count * sizeof(float));

    settings.shuffle = true;
    TRY(loader_create(&g->loader, from, SPLIT_TRAIN, &settings));
    TRY(batch_sum_create(&g->sum, g->world, settings.grains, 1 + 2 * g->config->model.width));
    return scratch_open(&g->arena, g->world);
}

static void close_all(gathering *g)
{
    memory_destroy(g->before);
    loader_destroy(g->loader);
    batch_sum_destroy(g->sum);
    arena_free(&g->arena);
}

/* [collective] The k-th batch has a share of 1/k, so the first takes the place of what was
 * there and the running values are a mean. */
static void add_batch(gathering *g, const batch *b)
{
    size_t mark = arena_mark(&g->arena);
    pass p = {.arena = &g->arena,
              .threads = g->config->run.threads,
              .batch = batch_sum_hook(g->sum),
              .running_share = 1.0 / (double)++g->batches,
              .seed = (uint64_t)g->config->run.seed,
              .draw = (uint32_t)g->batches & 0xFFFFFF};
    head_result result;

    feed f = transformer_feed(g->model, &p, &b->target, true);
    transformer_forward(g->model, &p, &b->source, &f.fed, f.gold, &result);
    arena_release(&g->arena, mark);
}

/* An epoch ends where all pairs were taken; a loader that shuffles goes on with the next. */
static status add_batches(gathering *g, int64_t most, int64_t *taken)
{
    int64_t all = loader_pairs(g->loader);

    for (*taken = 0; *taken < most && *taken < all;) {
        batch b;
        bool end;

        TRY(world_agree(g->world, loader_next(g->loader, &b, &end)));
        add_batch(g, &b);
        *taken += b.global_pairs;
        log_progress("gathering %lld/%lld", (long long)*taken,
                     (long long)(most < all ? most : all));
        if (world_max(g->world, stop_signal()) != 0)
            return STATUS_STOPPED;
    }
    return STATUS_OK;
}

status gathering_run(world *world, const config *c, dataset *from, transformer *model,
                     int64_t most, int64_t *taken)
{
    gathering g = {.world = world, .config = c, .model = model};
    status result = world_agree(world, open_local(&g, from));

    if (result == STATUS_OK)
        result = add_batches(&g, most, taken);
    if (result != STATUS_OK && g.before != NULL)
        memcpy(buffers_of(&g)->values, g.before, buffers_of(&g)->floats * sizeof(float));
    close_all(&g);
    return result;
}

/* validation.c - losses of a model on a set, when fed the truth. */
#include "lockstep/infer/validation.h"

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"

static void add_batch(const config *c, const transformer *model, arena *arena, const batch *b,
                      tally *sums)
{
    size_t mark = arena_mark(arena);
    pass p = {.arena = arena, .threads = c->run.threads};
    head_result result;

    feed f = transformer_feed(model, &p, &b->target, false);
    transformer_forward(model, &p, &b->source, &f.fed, f.gold, &result);
    tally_add(sums, &f, &result);
    arena_release(arena, mark);
}

static status run_all(world *world, loader *from, const config *c, const transformer *model,
                      arena *arena, tally *sums)
{
    int64_t pairs = 0;
    bool end = false;

    TRY(world_agree(world, loader_seek(from, (loader_position){0})));
    for (;;) {
        batch b;
        TRY(world_agree(world, loader_next(from, &b, &end)));
        if (end)
            return STATUS_OK;
        add_batch(c, model, arena, &b, sums);
        pairs += b.global_pairs;
        log_progress("validation %lld/%lld", (long long)pairs, (long long)loader_pairs(from));
        if (world_max(world, stop_signal()) != 0)
            return STATUS_STOPPED;
    }
}

status validation_losses(world *world, loader *from, const config *c, const transformer *model,
                         arena *arena, losses *out)
{
    tally sums;
    status done = world_agree(world, tally_init(&sums, c->batch.grains));

    if (done == STATUS_OK)
        done = run_all(world, from, c, model, arena, &sums);
    if (done == STATUS_OK)
        *out = tally_take(&sums, world);
    tally_free(&sums);
    return done;
}

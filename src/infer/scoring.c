/* scoring.c - how likely a model finds the targets of a set. */
#include "lockstep/infer/scoring.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/stop.h"
#include "lockstep/infer/share.h"

static void score_batch(const config *c, const transformer *model, arena *arena, const batch *b,
                        double *scores)
{
    size_t mark = arena_mark(arena);
    pass p = {.arena = arena, .threads = c->run.threads};
    head_result result;

    feed f = transformer_feed(model, &p, &b->target, false);
    transformer_forward(model, &p, &b->source, &f.fed, f.gold, &result);
    for (int s = 0; s < f.fed.sequences; s++) {
        double sum = 0.0;

        for (int row = f.fed.offsets[s]; row < f.fed.offsets[s + 1]; row++)
            sum -= f.gold[row] == GOLD_UNKNOWN
                       ? INFINITY
                       : (double)result.rows.nll[row]; /* 0 where nothing is scored */
        scores[b->pairs[s]] = sum;
    }
    arena_release(arena, mark);
}

static status score_all(world *w, const config *c, const transformer *model, arena *arena,
                        loader *from, double *scores)
{
    for (;;) {
        batch b;
        bool end;

        TRY(world_agree(w, loader_next(from, &b, &end)));
        if (end)
            return STATUS_OK;
        if (b.target.sequences > 0)
            score_batch(c, model, arena, &b, scores);
        if (world_max(w, stop_signal()) != 0)
            return STATUS_STOPPED;
    }
}

status scoring_run(world *world, const config *c, const transformer *model, arena *arena,
                   const pair_source *pairs, double *scores)
{
    const loader_settings settings = share_settings(c, world);
    loader *from = NULL;

    if (pairs->pairs == 0)
        return STATUS_OK;
    memset(scores, 0, (size_t)pairs->pairs * sizeof(*scores));
    status result = world_agree(world, loader_create_from(&from, pairs, &settings));
    if (result == STATUS_OK)
        result = score_all(world, c, model, arena, from, scores);
    if (result == STATUS_OK)
        world_union(world, scores, (size_t)pairs->pairs);
    loader_destroy(from);
    return result;
}

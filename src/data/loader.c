/* loader.c - the batches of a set, in the order of the plan. */
#include "lockstep/data/loader.h"

#include "lockstep/base/memory.h"
#include "lockstep/data/packer.h"
#include "lockstep/data/plan.h"
#include "lockstep/data/window.h"
#include "lockstep/slab/tree.h"

/* A split of a dataset, as the context of a pair_source. */
typedef struct split_of {
    dataset *dataset;
    dataset_split split;
} split_of;

struct loader {
    loader_settings settings;
    split_of split;
    pair_source source;
    int first_grain, last_grain; /* this rank's */
    loader_position position;    /* of the next batch */
    window window;
    int64_t epoch, number; /* of the window in memory; -1 for none */
    plan plan;             /* of the window in memory */
    packer packer;
};

loader_settings loader_settings_from(const config *c, int rank, int ranks)
{
    return (loader_settings){.seed = (uint64_t)c->run.seed,
                             .tokens = c->batch.tokens,
                             .grains = c->batch.grains,
                             .window = c->data.window,
                             .rank = rank,
                             .ranks = ranks};
}

static status split_lengths(void *context, int64_t first, int64_t count, int32_t *source,
                            int32_t *target)
{
    split_of *s = context;

    return dataset_lengths(s->dataset, s->split, first, count, source, target);
}

static status split_load(void *context, int64_t first, int64_t count, int32_t *source_ids,
                         int32_t *target_ids)
{
    split_of *s = context;

    return dataset_load(s->dataset, s->split, first, count, source_ids, target_ids);
}

static status init(loader *l, const pair_source *from, const loader_settings *settings)
{
    CHECK(settings->ranks > 0 && settings->rank >= 0 && settings->rank < settings->ranks);
    l->settings = *settings;
    l->source = *from;
    l->number = -1;
    tree_split(settings->grains, settings->rank, settings->ranks, &l->first_grain,
               &l->last_grain);
    return window_init(&l->window, &l->source, settings->window, settings->seed,
                       settings->shuffle);
}

status loader_create_from(loader **out, const pair_source *from,
                          const loader_settings *settings)
{
    if (from->pairs < 1)
        return fail(STATUS_INPUT, "there are no pairs to make batches of");
    loader *l = memory_create(1, sizeof(*l));

    if (l == NULL)
        return fail(STATUS_NOMEM, "no memory for a loader");
    status result = init(l, from, settings);
    if (result != STATUS_OK) {
        loader_destroy(l);
        return result;
    }
    *out = l;
    return STATUS_OK;
}

status loader_create(loader **out, dataset *from, dataset_split split,
                     const loader_settings *settings)
{
    const char *name = dataset_split_name(split);
    const pair_source source = {
        .pairs = dataset_pairs(from, split), .lengths = split_lengths, .load = split_load};

    if (source.pairs < 1)
        return fail(STATUS_INPUT, "the dataset has no %s pairs; set data.%s and prepare it",
                    name, name);
    TRY(loader_create_from(out, &source, settings));
    (*out)->split = (split_of){from, split};
    (*out)->source.context = &(*out)->split;
    return STATUS_OK;
}

void loader_destroy(loader *old)
{
    if (old == NULL)
        return;
    packer_free(&old->packer);
    plan_free(&old->plan);
    window_free(&old->window);
    memory_destroy(old);
}

/* What a pair takes of batch.tokens: the longer side with its special. */
static int32_t cost(const window *w, int32_t pair)
{
    int32_t source = w->source.lengths[pair], target = w->target.lengths[pair];

    return (source > target ? source : target) + 1;
}

static status plan_window(loader *l)
{
    const window *w = &l->window;
    int32_t *costs = memory_create((size_t)w->pairs, sizeof(*costs));

    if (costs == NULL)
        return fail(STATUS_NOMEM, "no memory to plan %d pairs", w->pairs);
    for (int i = 0; i < w->pairs; i++)
        costs[i] = cost(w, w->order[i]);
    plan_free(&l->plan);
    status result =
        plan_init(&l->plan, costs, w->pairs, l->settings.tokens, l->settings.grains);
    memory_destroy(costs);
    return result;
}

/* Positions of the pairs [from, to) in the window's order. */
static void count_rows(const window *w, int from, int to, int64_t *source, int64_t *target)
{
    *source = *target = to - from;
    for (int i = from; i < to; i++) {
        *source += w->source.lengths[w->order[i]];
        *target += w->target.lengths[w->order[i]];
    }
}

/* Room for the largest share of a batch that this rank will be given. */
static status reserve(loader *l)
{
    int64_t most_source = 0, most_target = 0, source, target;
    int most_pairs = 0;

    for (int b = 0; b < l->plan.batches; b++) {
        const int32_t *cuts = plan_batch(&l->plan, b);
        int from = cuts[l->first_grain], to = cuts[l->last_grain];
        count_rows(&l->window, from, to, &source, &target);
        most_source = source > most_source ? source : most_source;
        most_target = target > most_target ? target : most_target;
        most_pairs = to - from > most_pairs ? to - from : most_pairs;
    }
    CHECK(most_source <= INT32_MAX && most_target <= INT32_MAX);
    return packer_reserve(&l->packer, (int)most_source, (int)most_target, most_pairs,
                          l->last_grain - l->first_grain);
}

/* Have the window of `position` in memory, with its plan. */
static status open_window(loader *l, loader_position position)
{
    if (l->number == position.window && l->epoch == position.epoch)
        return STATUS_OK;
    l->number = -1;
    TRY(window_open(&l->window, position.epoch, position.window));
    TRY(plan_window(l));
    TRY(reserve(l));
    l->number = position.window;
    l->epoch = position.epoch;
    return STATUS_OK;
}

static void deliver(loader *l, batch *out)
{
    const window *w = &l->window;
    const int32_t *cuts = plan_batch(&l->plan, (int)l->position.batch);
    int first = cuts[0], last = cuts[l->plan.grains];

    packer_begin(&l->packer);
    for (int g = l->first_grain; g < l->last_grain; g++) {
        for (int i = cuts[g]; i < cuts[g + 1]; i++)
            packer_add(&l->packer, w, w->order[i]);
        packer_end_grain(&l->packer);
    }
    packer_batch(&l->packer, l->first_grain, out);
    out->global_pairs = last - first;
    count_rows(w, first, last, &out->global_source_tokens, &out->global_target_tokens);
}

/* A position behind the last batch of a window is the beginning of the next one;
 * behind the last window it is the end, or the next epoch. */
static void advance(loader *l)
{
    if (++l->position.batch < l->plan.batches)
        return;
    l->position.batch = 0;
    l->position.window++;
    if (l->settings.shuffle && l->position.window == window_count(&l->window)) {
        l->position.window = 0;
        l->position.epoch++;
    }
}

status loader_next(loader *from, batch *out, bool *end)
{
    *end = from->position.window == window_count(&from->window);
    if (*end)
        return STATUS_OK;
    TRY(open_window(from, from->position));
    deliver(from, out);
    advance(from);
    return STATUS_OK;
}

loader_position loader_tell(const loader *from)
{
    return from->position;
}

static status no_such(loader_position position)
{
    return fail(STATUS_INPUT,
                "the data has no epoch %lld, window %lld, batch %lld: the "
                "position belongs to another dataset or other batches",
                (long long)position.epoch, (long long)position.window,
                (long long)position.batch);
}

status loader_seek(loader *from, loader_position position)
{
    int64_t windows = window_count(&from->window);
    bool at_end = !from->settings.shuffle && position.window == windows;

    if (position.epoch < 0 || position.window < 0 || position.batch < 0 ||
        (position.window >= windows && !at_end) || (at_end && position.batch > 0))
        return no_such(position);
    if (!at_end) {
        TRY(open_window(from, position));
        if (position.batch >= from->plan.batches)
            return no_such(position);
    }
    from->position = position;
    return STATUS_OK;
}

int64_t loader_pairs(const loader *from)
{
    return from->source.pairs;
}

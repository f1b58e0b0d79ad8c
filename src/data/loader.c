/* loader.c - the batches of a set, in the order of the plan. */
#include "lockstep/data/loader.h"

#include "lockstep/base/memory.h"
#include "packer.h"
#include "plan.h"
#include "window.h"

struct loader {
    loader_settings settings;
    pair_source source;
    loader_position position; /* of the next batch */
    window window;
    int64_t epoch, number; /* of the window in memory; -1 for none */
    plan plan;             /* of the window in memory */
    packer packer;
};

static status init(loader *l, const pair_source *from, const loader_settings *settings)
{
    CHECK(settings->first_grain >= 0 && settings->first_grain <= settings->last_grain &&
          settings->last_grain <= settings->grains);
    l->settings = *settings;
    l->source = *from;
    l->number = -1;
    packer_init(&l->packer, from->elements, settings->specials);
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
    const pair_source source = dataset_source(from, split);

    if (source.pairs < 1)
        return fail(STATUS_INPUT, "the dataset has no %s pairs; set data.%s and prepare it",
                    name, name);
    return loader_create_from(out, &source, settings);
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

static int32_t positions(const loader *l, int side, int32_t pair)
{
    return l->window.sides[side].lengths[pair] + specials_count(l->settings.specials[side]);
}

/* What a pair takes of batch.tokens: the longer side with its specials. An empty side without
 * any still takes its place in the plan. */
static int32_t cost(const loader *l, int32_t pair)
{
    int32_t most = 1;

    for (int side = 0; side < SIDES; side++) {
        int32_t here = positions(l, side, pair);
        most = here > most ? here : most;
    }
    return most;
}

static status plan_window(loader *l)
{
    const window *w = &l->window;
    int32_t *costs = memory_create((size_t)w->pairs, sizeof(*costs));

    if (costs == NULL)
        return fail(STATUS_NOMEM, "no memory to plan %d pairs", w->pairs);
    for (int i = 0; i < w->pairs; i++)
        costs[i] = cost(l, w->order[i]);
    plan_free(&l->plan);
    status result =
        plan_init(&l->plan, costs, w->pairs, l->settings.tokens, l->settings.grains);
    memory_destroy(costs);
    return result;
}

/* Positions that the pairs [from, to) of the window's order have on one side. */
static int64_t count_rows(const loader *l, int side, int from, int to)
{
    int64_t rows = 0;

    for (int i = from; i < to; i++)
        rows += positions(l, side, l->window.order[i]);
    return rows;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Positions of the longest of them, where a packer wants to know. */
static int find_longest(const loader *l, int side, int from, int to)
{
    int longest = 0;

    if (l->source.elements[side].kind == ELEMENT_SYMBOL)
        return 0;
    for (int i = from; i < to; i++)
        longest = larger(longest, positions(l, side, l->window.order[i]));
    return longest;
}

/* Those of the target that are scored. */
static int64_t count_scored(const loader *l, int from, int to)
{
    int64_t rows = 0;

    for (int i = from; i < to; i++)
        rows += l->window.scored[l->window.order[i]] +
                specials_count(l->settings.specials[SIDE_TARGET]);
    return rows;
}

/* Room for the largest share of a batch that this rank will be given. */
static status reserve(loader *l)
{
    int first = l->settings.first_grain, last = l->settings.last_grain;
    packer_room room = {.grains = last - first};

    for (int b = 0; b < l->plan.batches; b++) {
        const int32_t *cuts = plan_batch(&l->plan, b);
        int from = cuts[first], to = cuts[last];

        room.pairs = larger(room.pairs, to - from);
        for (int side = 0; side < SIDES; side++) {
            int64_t rows = count_rows(l, side, from, to);
            CHECK(rows <= INT32_MAX);
            room.rows[side] = larger(room.rows[side], (int)rows);
            room.longest[side] = larger(room.longest[side], find_longest(l, side, from, to));
        }
    }
    return packer_reserve(&l->packer, &room);
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

static status deliver(loader *l, batch *out)
{
    const window *w = &l->window;
    const int32_t *cuts = plan_batch(&l->plan, (int)l->position.batch);
    int first = cuts[0], last = cuts[l->plan.grains];

    packer_begin(&l->packer);
    for (int g = l->settings.first_grain; g < l->settings.last_grain; g++) {
        for (int i = cuts[g]; i < cuts[g + 1]; i++)
            TRY(packer_add(&l->packer, w, w->order[i]));
        packer_end_grain(&l->packer);
    }
    packer_batch(&l->packer, l->settings.first_grain, out);
    out->global_pairs = last - first;
    out->global_source_tokens = count_rows(l, SIDE_SOURCE, first, last);
    out->global_target_tokens = count_scored(l, first, last);
    return STATUS_OK;
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
    TRY(deliver(from, out));
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

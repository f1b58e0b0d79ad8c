/* loader.c - the batches of a set, in the order of the plan. */
#include "lockstep/data/loader.h"

#include "lockstep/base/memory.h"
#include "portion_ahead.h"

struct loader {
    loader_settings settings;
    pair_source source;
    loader_position position; /* of the next batch */
    portion portions[2];
    portion *used, *other; /* the other is the next one, where settings.ahead */
    portion_ahead ahead;
    packer packer;
};

static int64_t windows(const loader *l)
{
    return window_count(&l->used->window);
}

static status init(loader *l, const pair_source *from, const loader_settings *settings)
{
    CHECK(settings->first_grain >= 0 && settings->first_grain <= settings->last_grain &&
          settings->last_grain <= settings->grains);
    l->settings = *settings;
    l->source = *from;
    l->used = &l->portions[0];
    l->other = &l->portions[1];
    packer_init(&l->packer, from->elements, settings->specials);
    TRY(portion_init(l->used, &l->source, &l->settings));
    if (!settings->shuffle && windows(l) == 1) /* there is no next one */
        l->settings.ahead = false;
    return l->settings.ahead ? portion_init(l->other, &l->source, &l->settings) : STATUS_OK;
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
    portion_ahead_drop(&old->ahead);
    packer_free(&old->packer);
    for (int i = 0; i < 2; i++)
        portion_free(&old->portions[i]);
    memory_destroy(old);
}

/* The window after that of `at`; false: the set ends with it. */
static bool next_window(const loader *l, loader_position *at)
{
    at->batch = 0;
    if (++at->window < windows(l))
        return true;
    if (!l->settings.shuffle)
        return false;
    at->window = 0;
    at->epoch++;
    return true;
}

/* What is read while the window of `position` is used. */
static void begin_ahead(loader *l, loader_position position)
{
    if (l->settings.ahead && next_window(l, &position))
        portion_ahead_begin(&l->ahead, l->other, position.epoch, position.window);
}

/* Read what no thread reads; one that reads something else would only be in the way. */
static status read_now(loader *l, loader_position position)
{
    portion_ahead_drop(&l->ahead);
    return portion_open(l->used, position.epoch, position.window);
}

static status take_ahead(loader *l)
{
    portion *read = l->other;

    TRY(portion_ahead_end(&l->ahead));
    l->other = l->used;
    l->used = read;
    return STATUS_OK;
}

/* Room for the largest share of a batch that this rank will be given. */
static status reserve(loader *l)
{
    const packer_room room = portion_room(l->used);
    status result = packer_reserve(&l->packer, &room);

    if (result != STATUS_OK)
        l->used->number = -1;
    return result;
}

/* Have the window of `position` in memory, with its plan. */
static status open_window(loader *l, loader_position position)
{
    if (portion_holds(l->used, position.epoch, position.window))
        return STATUS_OK;
    TRY(portion_ahead_has(&l->ahead, position.epoch, position.window) ? take_ahead(l)
                                                                      : read_now(l, position));
    TRY(reserve(l));
    begin_ahead(l, position);
    return STATUS_OK;
}

static status deliver(loader *l, batch *out)
{
    const portion *p = l->used;
    const window *w = &p->window;
    const int32_t *cuts = plan_batch(&p->plan, (int)l->position.batch);
    int first = cuts[0], last = cuts[p->plan.grains];

    packer_begin(&l->packer);
    for (int g = l->settings.first_grain; g < l->settings.last_grain; g++) {
        for (int i = cuts[g]; i < cuts[g + 1]; i++)
            TRY(packer_add(&l->packer, w, w->order[i]));
        packer_end_grain(&l->packer);
    }
    packer_batch(&l->packer, l->settings.first_grain, out);
    out->global_pairs = last - first;
    out->global_source_tokens = portion_rows(p, SIDE_SOURCE, first, last);
    out->global_target_tokens = portion_scored(p, first, last);
    return STATUS_OK;
}

/* A position behind the last batch of a window is the beginning of the next one;
 * behind the last window it is the end, or the next epoch. */
static void advance(loader *l)
{
    if (++l->position.batch == l->used->plan.batches)
        (void)next_window(l, &l->position);
}

status loader_next(loader *from, batch *out, bool *end)
{
    *end = from->position.window == windows(from);
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
    int64_t count = windows(from);
    bool at_end = !from->settings.shuffle && position.window == count;

    if (position.epoch < 0 || position.window < 0 || position.batch < 0 ||
        (position.window >= count && !at_end) || (at_end && position.batch > 0))
        return no_such(position);
    if (!at_end) {
        TRY(open_window(from, position));
        if (position.batch >= from->used->plan.batches)
            return no_such(position);
    }
    from->position = position;
    return STATUS_OK;
}

int64_t loader_pairs(const loader *from)
{
    return from->source.pairs;
}

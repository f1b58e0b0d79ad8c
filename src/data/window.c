/* window.c - the pairs that are in memory together, and the order they take. */
#include "window.h"

#include <limits.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"

/* Unwanted pairs in a row that are read with their neighbours: in a dataset about a piece of
 * ids (store.h), which is read whole anyway. */
enum { STRETCH_GAP = 256 };

static status no_memory(size_t pairs)
{
    return fail(STATUS_NOMEM, "no memory for a window of %zu pairs; lower data.window", pairs);
}

static status side_init(window_side *side, element of, size_t pairs)
{
    side->kept = of.kind == ELEMENT_SYMBOL;
    side->lengths = memory_create(pairs, sizeof(*side->lengths));
    if (side->kept)
        side->starts = memory_create(pairs, sizeof(*side->starts));
    if (side->lengths == NULL || (side->kept && side->starts == NULL))
        return no_memory(pairs);
    return STATUS_OK;
}

static void side_free(window_side *side)
{
    memory_destroy(side->lengths);
    memory_destroy(side->starts);
    memory_destroy(side->elements);
}

static status reserve_pairs(window *w, size_t room)
{
    for (int side = 0; side < SIDES; side++)
        TRY(side_init(&w->sides[side], w->from->elements[side], room));
    w->order = memory_create(room, sizeof(*w->order));
    w->names = memory_create(room, sizeof(*w->names));
    w->wanted = memory_create(room, sizeof(*w->wanted));
    w->scored = memory_create(room, sizeof(*w->scored));
    if (w->order == NULL || w->names == NULL || w->wanted == NULL || w->scored == NULL)
        return no_memory(room);
    return STATUS_OK;
}

status window_init(window *out, const pair_source *from, int pairs, uint64_t seed, bool shuffle)
{
    int64_t blocks = (from->pairs + WINDOW_BLOCK - 1) / WINDOW_BLOCK;
    int64_t most = ((int64_t)pairs + WINDOW_BLOCK - 1) / WINDOW_BLOCK;

    CHECK(pairs > 0 && from->pairs > 0);
    most = most < INT_MAX / WINDOW_BLOCK ? most : INT_MAX / WINDOW_BLOCK;
    *out = (window){.from = from,
                    .seed = seed,
                    .shuffle = shuffle,
                    .blocks = blocks,
                    .most = (int)(most < blocks ? most : blocks)};
    return reserve_pairs(out, (size_t)out->most * WINDOW_BLOCK);
}

void window_free(window *old)
{
    for (int side = 0; side < SIDES; side++)
        side_free(&old->sides[side]);
    memory_destroy(old->order);
    memory_destroy(old->names);
    memory_destroy(old->wanted);
    memory_destroy(old->scored);
    memory_destroy(old->block);
    *old = (window){0};
}

int64_t window_count(const window *w)
{
    return (w->blocks + w->most - 1) / w->most;
}

/* The pairs of the k-th block that an epoch visits. */
static void block_at(const window *w, int64_t epoch, int64_t k, int64_t *first, int64_t *count)
{
    uint64_t block = (uint64_t)k;

    if (w->shuffle)
        block = random_permuted(w->seed, RANDOM_SHUFFLE, (uint32_t)epoch, 0, block,
                                (uint64_t)w->blocks);
    *first = (int64_t)block * WINDOW_BLOCK;
    *count = w->from->pairs - *first;
    *count = *count < WINDOW_BLOCK ? *count : WINDOW_BLOCK;
}

static status look_up(const window *w)
{
    return atomic_load_explicit(&w->given_up, memory_order_relaxed)
               ? fail(STATUS_STOPPED, "the window is not needed any more")
               : STATUS_OK;
}

static status read_lengths(window *w)
{
    int64_t first, count;

    w->pairs = 0;
    for (int64_t k = w->begin; k < w->end; k++, w->pairs += (int)count) {
        TRY(look_up(w));
        block_at(w, w->epoch, k, &first, &count);
        for (int64_t i = 0; i < count; i++)
            w->names[w->pairs + i] = first + i;
        for (int side = 0; side < SIDES; side++)
            TRY(w->from->lengths(w->from->context, (dataset_side)side, first, count,
                                 w->sides[side].lengths + w->pairs));
    }
    return STATUS_OK;
}

status window_open(window *w, int64_t epoch, int64_t number)
{
    w->epoch = epoch;
    w->begin = number * w->most;
    CHECK(number >= 0 && w->begin < w->blocks);
    w->end = w->begin + w->most < w->blocks ? w->begin + w->most : w->blocks;
    TRY(read_lengths(w));
    for (int i = 0; i < w->pairs; i++) {
        w->wanted[i] = false;
        w->scored[i] = w->sides[SIDE_TARGET].lengths[i];
        w->order[i] = i;
        if (w->shuffle)
            w->order[i] =
                (int32_t)random_permuted(w->seed, RANDOM_SHUFFLE, (uint32_t)epoch,
                                         (uint32_t)number + 1, (uint64_t)i, (uint64_t)w->pairs);
    }
    return STATUS_OK;
}

/* ---- elements ---- */

/* Old elements are of no use, so the new block is not a resized one. */
static status reserve(const window *w, int32_t **elements, int64_t *room, int64_t count)
{
    if (count <= *room && *elements != NULL)
        return STATUS_OK;
    memory_destroy(*elements);
    *room = 0;
    *elements = memory_create((size_t)count, sizeof(**elements));
    if (*elements == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for the %lld positions of a window of %d pairs; lower "
                    "data.window",
                    (long long)count, w->pairs);
    *room = count;
    return STATUS_OK;
}

static status place_wanted(window *w, window_side *side)
{
    int64_t total = 0;

    if (!side->kept)
        return STATUS_OK;
    for (int i = 0; i < w->pairs; i++) {
        side->starts[i] = total;
        total += w->wanted[i] ? side->lengths[i] : 0;
    }
    return reserve(w, &side->elements, &side->room, total);
}

/* Pairs [first, end) of those read, which stand one after another in the set. */
typedef struct stretch {
    int first, end;
    bool all_wanted;
} stretch;

/* The next wanted pairs before `end`, with unwanted ones between that it takes longer to pass
 * over than to read. */
static stretch find_stretch(const window *w, int first, int end)
{
    while (first < end && !w->wanted[first])
        first++;
    stretch found = {first, first, true};

    for (int i = first; i < end && i - found.end < STRETCH_GAP; i++) {
        if (!w->wanted[i])
            continue;
        found.all_wanted = found.all_wanted && i == found.end;
        found.end = i + 1;
    }
    return found;
}

static void keep_wanted(const window_side *side, const bool *wanted, stretch from,
                        const int32_t *elements)
{
    for (int i = from.first; i < from.end; elements += side->lengths[i++])
        if (wanted[i] && side->lengths[i] > 0)
            memcpy(side->elements + side->starts[i], elements,
                   (size_t)side->lengths[i] * sizeof(*elements));
}

static void count_scored(window *w, stretch of, const int32_t *elements)
{
    const int32_t *lengths = w->sides[SIDE_TARGET].lengths;

    for (int i = of.first; i < of.end; elements += lengths[i++])
        for (int32_t k = 0; k < lengths[i]; k++)
            w->scored[i] -= elements[k] < 0;
}

static status read_stretch(window *w, int which, stretch s)
{
    window_side *side = &w->sides[which];
    int32_t *to = side->elements + side->starts[s.first];
    int64_t total = 0;

    for (int i = s.first; i < s.end; i++)
        total += side->lengths[i];
    if (!s.all_wanted) {
        TRY(reserve(w, &w->block, &w->block_room, total));
        to = w->block;
    }
    TRY(w->from->load(w->from->context, (dataset_side)which, w->names[s.first], s.end - s.first,
                      to));
    if (which == SIDE_TARGET && !w->from->all_scored)
        count_scored(w, s, to);
    if (!s.all_wanted)
        keep_wanted(side, w->wanted, s, to);
    return STATUS_OK;
}

/* Pairs [first, end) are a block. What others score must be counted too. */
static status read_block(window *w, int which, int first, int end)
{
    bool whole = which == SIDE_TARGET && !w->from->all_scored;
    stretch next;

    if (!w->sides[which].kept)
        return STATUS_OK;
    for (int at = first; at < end; at = next.end) {
        next = find_stretch(w, at, end);
        if (whole)
            next =
                (stretch){first, end, next.all_wanted && next.end - next.first == end - first};
        if (next.first == next.end)
            break;
        TRY(read_stretch(w, which, next));
    }
    return STATUS_OK;
}

status window_read(window *w)
{
    int64_t first, count;
    int at = 0;

    for (int side = 0; side < SIDES; side++)
        TRY(place_wanted(w, &w->sides[side]));

    for (int64_t k = w->begin; k < w->end; k++, at += (int)count) {
        TRY(look_up(w));
        block_at(w, w->epoch, k, &first, &count);
        for (int side = 0; side < SIDES; side++)
            TRY(read_block(w, side, at, at + (int)count));
    }
    return STATUS_OK;
}

const int32_t *window_elements(const window *w, dataset_side side, int32_t k)
{
    const window_side *s = &w->sides[side];

    CHECK(s->kept && w->wanted[k]);
    return s->elements + s->starts[k];
}

status window_load(const window *w, dataset_side side, int32_t k, void *out)
{
    return w->from->load(w->from->context, side, w->names[k], 1, out);
}

/* window.c - the pairs that are in memory together, and the order they take. */
#include "window.h"

#include <limits.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"

static status side_init(window_side *side, element of, size_t pairs)
{
    side->element = element_size(of);
    side->lengths = memory_create(pairs, sizeof(*side->lengths));
    side->starts = memory_create(pairs, sizeof(*side->starts));
    if (side->lengths == NULL || side->starts == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for a window of %zu pairs; lower "
                    "data.window",
                    pairs);
    return STATUS_OK;
}

static void side_free(window_side *side)
{
    memory_destroy(side->lengths);
    memory_destroy(side->starts);
    memory_destroy(side->elements);
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
    size_t room = (size_t)out->most * WINDOW_BLOCK;

    for (int side = 0; side < SIDES; side++)
        TRY(side_init(&out->sides[side], from->elements[side], room));
    out->order = memory_create(room, sizeof(*out->order));
    out->names = memory_create(room, sizeof(*out->names));
    out->scored = memory_create(room, sizeof(*out->scored));
    if (out->order == NULL || out->names == NULL || out->scored == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for a window of %zu pairs; lower "
                    "data.window",
                    room);
    return STATUS_OK;
}

void window_free(window *old)
{
    for (int side = 0; side < SIDES; side++)
        side_free(&old->sides[side]);
    memory_destroy(old->order);
    memory_destroy(old->names);
    memory_destroy(old->scored);
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

static status read_lengths(window *w, int64_t epoch, int64_t k, int64_t end)
{
    int64_t first, count;

    for (w->pairs = 0; k < end; k++, w->pairs += (int)count) {
        block_at(w, epoch, k, &first, &count);
        for (int64_t i = 0; i < count; i++)
            w->names[w->pairs + i] = first + i;
        for (int side = 0; side < SIDES; side++)
            TRY(w->from->lengths(w->from->context, (dataset_side)side, first, count,
                                 w->sides[side].lengths + w->pairs));
    }
    return STATUS_OK;
}

/* Old elements are of no use, so the new block is not a resized one. */
static status side_reserve(window_side *side, int pairs)
{
    int64_t total = 0;

    for (int i = 0; i < pairs; i++) {
        side->starts[i] = total;
        total += side->lengths[i];
    }
    if (total <= side->room && side->elements != NULL)
        return STATUS_OK;
    memory_destroy(side->elements);
    side->room = 0;
    side->elements = memory_create((size_t)total, side->element);
    if (side->elements == NULL)
        return fail(STATUS_NOMEM,
                    "no memory for the %lld positions of a window "
                    "of %d pairs; lower data.window",
                    (long long)total, pairs);
    side->room = total;
    return STATUS_OK;
}

static unsigned char *elements_at(const window *w, dataset_side side, int k)
{
    const window_side *s = &w->sides[side];

    return (unsigned char *)s->elements + (size_t)s->starts[k] * s->element;
}

static status read_elements(window *w, int64_t epoch, int64_t k, int64_t end)
{
    int64_t first, count;

    for (int at = 0; k < end; k++, at += (int)count) {
        block_at(w, epoch, k, &first, &count);
        for (dataset_side side = 0; side < SIDES; side++)
            TRY(w->from->load(w->from->context, (dataset_side)side, first, count,
                              elements_at(w, (dataset_side)side, at)));
    }
    return STATUS_OK;
}

static void count_scored(window *w)
{
    const window_side *target = &w->sides[SIDE_TARGET];

    for (int k = 0; k < w->pairs; k++) {
        w->scored[k] = target->lengths[k];
        if (w->from->elements[SIDE_TARGET].kind != ELEMENT_SYMBOL)
            continue;
        const int32_t *ids = (const int32_t *)target->elements + target->starts[k];
        for (int32_t i = 0; i < target->lengths[k]; i++)
            w->scored[k] -= ids[i] < 0;
    }
}

status window_open(window *w, int64_t epoch, int64_t number)
{
    int64_t begin = number * w->most, end = begin + w->most;

    CHECK(number >= 0 && begin < w->blocks);
    end = end < w->blocks ? end : w->blocks;
    TRY(read_lengths(w, epoch, begin, end));
    for (int side = 0; side < SIDES; side++)
        TRY(side_reserve(&w->sides[side], w->pairs));
    TRY(read_elements(w, epoch, begin, end));
    count_scored(w);
    for (int i = 0; i < w->pairs; i++) {
        w->order[i] = i;
        if (w->shuffle)
            w->order[i] =
                (int32_t)random_permuted(w->seed, RANDOM_SHUFFLE, (uint32_t)epoch,
                                         (uint32_t)number + 1, (uint64_t)i, (uint64_t)w->pairs);
    }
    return STATUS_OK;
}

const void *window_elements(const window *w, dataset_side side, int32_t k)
{
    return elements_at(w, side, k);
}

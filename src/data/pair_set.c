/* pair_set.c - token numbers of pairs in memory. */
#include "lockstep/data/pair_set.h"

#include <string.h>

static status add_side(pair_set_side *side, const int32_t *ids, size_t count)
{
    TRY(buffer_add(&side->ids, ids, count * sizeof(*ids)));
    const int64_t end = (int64_t)(side->ids.size / sizeof(*ids));

    return buffer_add(&side->ends, &end, sizeof(end));
}

status pair_set_add(pair_set *set, const int32_t *source, size_t source_count,
                    const int32_t *target, size_t target_count)
{
    TRY(add_side(&set->source, source, source_count));
    TRY(add_side(&set->target, target, target_count));
    set->pairs++;
    return STATUS_OK;
}

void pair_set_clear(pair_set *set)
{
    buffer_clear(&set->source.ids);
    buffer_clear(&set->source.ends);
    buffer_clear(&set->target.ids);
    buffer_clear(&set->target.ends);
    set->pairs = 0;
}

void pair_set_free(pair_set *set)
{
    buffer_free(&set->source.ids);
    buffer_free(&set->source.ends);
    buffer_free(&set->target.ids);
    buffer_free(&set->target.ends);
    set->pairs = 0;
}

/* Where the numbers of pair `pair` begin; a buffer's block is aligned for any type. */
static int64_t begin_of(const pair_set_side *side, int64_t pair)
{
    return pair == 0 ? 0 : ((const int64_t *)(const void *)side->ends.data)[pair - 1];
}

const int32_t *pair_set_target(const pair_set *set, int64_t pair, size_t *count)
{
    CHECK(pair >= 0 && pair < set->pairs);
    int64_t begin = begin_of(&set->target, pair);

    *count = (size_t)(begin_of(&set->target, pair + 1) - begin);
    return (const int32_t *)(const void *)set->target.ids.data + begin;
}

static void side_lengths(const pair_set_side *side, int64_t first, int64_t count, int32_t *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = (int32_t)(begin_of(side, first + i + 1) - begin_of(side, first + i));
}

static void side_load(const pair_set_side *side, int64_t first, int64_t count, int32_t *out)
{
    size_t begin = (size_t)begin_of(side, first), end = (size_t)begin_of(side, first + count);

    if (end > begin)
        memcpy(out, side->ids.data + begin * sizeof(*out), (end - begin) * sizeof(*out));
}

static status set_lengths(void *context, int64_t first, int64_t count, int32_t *source,
                          int32_t *target)
{
    const pair_set *set = context;

    CHECK(first >= 0 && count >= 0 && first + count <= set->pairs);
    if (source != NULL)
        side_lengths(&set->source, first, count, source);
    if (target != NULL)
        side_lengths(&set->target, first, count, target);
    return STATUS_OK;
}

static status set_load(void *context, int64_t first, int64_t count, int32_t *source_ids,
                       int32_t *target_ids)
{
    const pair_set *set = context;

    CHECK(first >= 0 && count >= 0 && first + count <= set->pairs);
    if (source_ids != NULL)
        side_load(&set->source, first, count, source_ids);
    if (target_ids != NULL)
        side_load(&set->target, first, count, target_ids);
    return STATUS_OK;
}

pair_source pair_set_source(pair_set *set)
{
    return (pair_source){
        .context = set, .pairs = set->pairs, .lengths = set_lengths, .load = set_load};
}

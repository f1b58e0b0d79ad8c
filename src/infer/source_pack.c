/* source_pack.c - sources of a set as a model reads them. */
#include "source_pack.h"

#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/base/token.h"
#include "lockstep/model/task.h"

static const int32_t *push_offsets(arena *arena, const pair_set *from, const int64_t *pairs,
                                   int count, int more)
{
    int32_t *offsets = arena_push(arena, (size_t)count + 1, sizeof(*offsets));

    offsets[0] = 0;
    for (int i = 0; i < count; i++) {
        size_t size;
        pair_set_get(from, SIDE_SOURCE, pairs[i], &size);
        offsets[i + 1] = offsets[i] + (int32_t)size + more;
    }
    return offsets;
}

static const int32_t *push_symbols(arena *arena, const pair_set *from, const int64_t *pairs,
                                   int count, const int32_t *offsets, specials with)
{
    int32_t *ids = arena_push(arena, (size_t)offsets[count], sizeof(*ids));

    for (int i = 0; i < count; i++) {
        size_t size;
        const void *symbols = pair_set_get(from, SIDE_SOURCE, pairs[i], &size);
        memcpy(ids + offsets[i] + with.begin, symbols, size * sizeof(*ids));
        if (with.begin)
            ids[offsets[i]] = TOKEN_BEGIN;
        if (with.end)
            ids[offsets[i + 1] - 1] = TOKEN_END;
    }
    return ids;
}

static const float *push_frames(arena *arena, const pair_set *from, const int64_t *pairs,
                                int count, const int32_t *offsets)
{
    size_t width = (size_t)from->elements[SIDE_SOURCE].width;
    float *frames = arena_push(arena, (size_t)offsets[count] * width, sizeof(*frames));

    for (int i = 0; i < count; i++) {
        size_t size;
        const void *halves = pair_set_get(from, SIDE_SOURCE, pairs[i], &size);
        half_to_floats(frames + (size_t)offsets[i] * width, halves, size * width);
    }
    return frames;
}

packed source_pack(arena *arena, const config *c, const pair_set *from, const int64_t *pairs,
                   int count)
{
    const element element = from->elements[SIDE_SOURCE];
    const specials with = {task_of(c)->source_begin, task_source_end(c)};
    const int32_t *offsets = push_offsets(arena, from, pairs, count, specials_count(with));

    if (element.kind == ELEMENT_SYMBOL)
        return packed_one_grain(arena, push_symbols(arena, from, pairs, count, offsets, with),
                                offsets, count);
    CHECK(specials_count(with) == 0);
    packed packed = packed_one_grain(arena, NULL, offsets, count);
    packed.frames = push_frames(arena, from, pairs, count, offsets);
    packed.frame_width = element.width;
    return packed;
}

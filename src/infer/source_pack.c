/* source_pack.c - sources of a set as a model reads them. */
#include "source_pack.h"

#include <string.h>

#include "lockstep/base/half.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"
#include "lockstep/model/task.h"

static const int32_t *push_offsets(arena *arena, const pair_set *from, const int64_t *pairs,
                                   int count, int more)
{
    int32_t *offsets = arena_push(arena, (size_t)count + 1, sizeof(*offsets));

    offsets[0] = 0;
    for (int i = 0; i < count; i++) {
        size_t size = pair_set_length(from, SIDE_SOURCE, pairs[i]);
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

/* Frames that are read, by way of `room`. */
static status read_frames(float *frames, const pair_set *from, int64_t pair, uint16_t *room)
{
    size_t width = (size_t)from->elements[SIDE_SOURCE].width;
    status result;

#pragma omp critical(source_pack_read)
    result = pair_set_read(from, SIDE_SOURCE, pair, room);
    if (result == STATUS_OK)
        half_to_floats(frames, room, pair_set_length(from, SIDE_SOURCE, pair) * width);
    return result;
}

static status read_all(float *frames, const pair_set *from, const int64_t *pairs, int count,
                       const int32_t *offsets)
{
    size_t width = (size_t)from->elements[SIDE_SOURCE].width, longest = 0;
    status result = STATUS_OK;

    for (int i = 0; i < count; i++) {
        size_t length = pair_set_length(from, SIDE_SOURCE, pairs[i]);
        longest = length > longest ? length : longest;
    }
    uint16_t *room = memory_create(longest * width, sizeof(*room));
    if (room == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu rows of a source", longest);
    for (int i = 0; i < count && result == STATUS_OK; i++)
        result = read_frames(frames + (size_t)offsets[i] * width, from, pairs[i], room);
    memory_destroy(room);
    return result;
}

static status fill_frames(float *frames, const pair_set *from, const int64_t *pairs, int count,
                          const int32_t *offsets)
{
    size_t width = (size_t)from->elements[SIDE_SOURCE].width, size;

    if (pair_set_refers(from, SIDE_SOURCE))
        return read_all(frames, from, pairs, count, offsets);
    for (int i = 0; i < count; i++) {
        const void *halves = pair_set_get(from, SIDE_SOURCE, pairs[i], &size);
        half_to_floats(frames + (size_t)offsets[i] * width, halves, size * width);
    }
    return STATUS_OK;
}

status source_pack(packed *out, arena *arena, const config *c, const pair_set *from,
                   const int64_t *pairs, int count)
{
    const element element = from->elements[SIDE_SOURCE];
    const specials with = {task_of(c)->source_begin, task_source_end(c)};
    const int32_t *offsets = push_offsets(arena, from, pairs, count, specials_count(with));

    if (element.kind == ELEMENT_SYMBOL) {
        *out = packed_one_grain(arena, push_symbols(arena, from, pairs, count, offsets, with),
                                offsets, count);
        return STATUS_OK;
    }
    CHECK(specials_count(with) == 0);
    float *frames =
        arena_push(arena, (size_t)offsets[count] * (size_t)element.width, sizeof(*frames));

    *out = packed_one_grain(arena, NULL, offsets, count);
    out->frames = frames;
    out->frame_width = element.width;
    return fill_frames(frames, from, pairs, count, offsets);
}

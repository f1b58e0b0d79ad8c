/* split_side.c - one side of the pairs that a split keeps. */
#include "split_side.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"

enum { COPY_BYTES = 1 << 16, NAME_ROOM = 64 };

status split_side_open(split_side *s, const char *path)
{
    const int64_t first = 0;

    TRY(spill_create(&s->elements, path));
    TRY(spill_create(&s->offsets, path));
    return spill_add(s->offsets, &first, sizeof(first));
}

void split_side_close(split_side *s)
{
    spill_destroy(s->elements);
    spill_destroy(s->offsets);
    buffer_free(&s->ends);
    buffer_free(&s->text);
}

static status take_lengths(split_side *s, const buffer *lengths)
{
    int32_t length;

    buffer_clear(&s->ends);
    for (size_t at = 0; at < lengths->size; at += sizeof(length)) {
        memcpy(&length, lengths->data + at, sizeof(length));
        s->end += length;
        s->pairs++;
        TRY(buffer_add(&s->ends, &s->end, sizeof(s->end)));
    }
    return spill_add(s->offsets, s->ends.data, s->ends.size);
}

status split_side_take(split_side *s, const pair_block_side *from)
{
    s->tokens += from->tokens;
    s->unknown += from->unknown;
    s->specials += from->specials;
    s->copied += from->copied;
    if (from->lengths.size == 0)
        return STATUS_OK;
    TRY(spill_add(s->elements, from->elements.data, from->elements.size));
    TRY(buffer_add(&s->text, from->text.data, from->text.size));
    return take_lengths(s, &from->lengths);
}

/* ---- into the dataset ---- */

/* By way of `room`, which has some rows of `width` bytes. */
static status copy_rows(spill *from, size_t width, void *room, size_t bytes,
                        store_writer *writer)
{
    size_t size;

    do {
        TRY(spill_next(from, room, bytes, &size));
        if (size > 0)
            TRY(store_add_rows(writer, room, size / width));
    } while (size > 0);
    return STATUS_OK;
}

static status copy_spill(spill *from, const char *name, store_shape shape, size_t width,
                         store_writer *writer)
{
    size_t bytes = width < COPY_BYTES ? COPY_BYTES / width * width : width;
    void *room = memory_create(bytes, 1);

    if (room == NULL)
        return fail(STATUS_NOMEM, "no memory to save %s", name);
    status result = spill_rewind(from);
    if (result == STATUS_OK)
        result = store_add_begin_pieces(writer, name, shape);
    if (result == STATUS_OK)
        result = copy_rows(from, width, room, bytes, writer);
    memory_destroy(room);
    return result == STATUS_OK ? store_add_end(writer) : result;
}

static status write_text(const split_side *s, const char *name, store_writer *writer)
{
    size_t count = (size_t)s->pairs, at = 0;
    const char **lines = memory_create(count, sizeof(*lines));

    if (lines == NULL)
        return fail(STATUS_NOMEM, "no memory to save %zu lines", count);
    for (size_t i = 0; i < count; i++) {
        lines[i] = s->text.data + at;
        at += strlen(lines[i]) + 1;
    }
    status result = store_add_strings(writer, name, lines, count);

    memory_destroy(lines);
    return result;
}

status split_side_write(split_side *s, const char *place, element of, bool text,
                        store_writer *writer)
{
    bool frames = of.kind == ELEMENT_FRAME;
    const store_shape elements = {.type = frames ? STORE_HALF : STORE_INT32,
                                  .dimensions = frames ? 2 : 1,
                                  .dims = {(uint64_t)s->end, frames ? (uint64_t)of.width : 0}};
    const store_shape offsets = {
        .type = STORE_INT64, .dimensions = 1, .dims = {(uint64_t)s->pairs + 1}};
    char name[NAME_ROOM];

    snprintf(name, sizeof(name), "%s/%s", place, frames ? "frames" : "ids");
    TRY(copy_spill(s->elements, name, elements, element_size(of), writer));
    snprintf(name, sizeof(name), "%s/offsets", place);
    TRY(copy_spill(s->offsets, name, offsets, sizeof(int64_t), writer));
    if (!text)
        return STATUS_OK;
    snprintf(name, sizeof(name), "%s/text", place);
    return write_text(s, name, writer);
}

/* split_side.c - one side of the pairs that a split keeps. */
#include "split_side.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"

enum { COPY_BYTES = 1 << 16, OFFSETS = 1024, NAME_ROOM = 64 };

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

/* One of the two tensors of a side on its way into the files. */
typedef struct passage {
    spill *from;
    const char *name;
    store_hasher *whole; /* NULL: nobody asks */
} passage;

static int64_t first_pair(const split_side *s, int part, int parts)
{
    return s->pairs * part / parts;
}

/* The next values of the spill, `bytes` of them, which are there. */
static status next(const passage *p, void *room, size_t bytes)
{
    size_t size;

    TRY(spill_next(p->from, room, bytes, &size));
    CHECK(size == bytes);
    if (p->whole != NULL)
        store_hasher_add(p->whole, room, bytes);
    return STATUS_OK;
}

/* By way of `room`, which has some rows of `width` bytes. */
static status copy_rows(const passage *p, uint64_t rows, size_t width, void *room, size_t bytes,
                        store_writer *writer)
{
    uint64_t most = bytes / width;

    for (uint64_t left = rows, now; left > 0; left -= now) {
        now = left < most ? left : most;
        TRY(next(p, room, now * width));
        TRY(store_add_rows(writer, room, now));
    }
    return STATUS_OK;
}

static status copy_elements(const passage *p, store_shape shape, size_t width,
                            store_writer *writer)
{
    size_t bytes = width < COPY_BYTES ? COPY_BYTES / width * width : width;
    void *room = memory_create(bytes, 1);

    if (room == NULL)
        return fail(STATUS_NOMEM, "no memory to save %s", p->name);
    status result = store_add_begin_pieces(writer, p->name, shape);
    if (result == STATUS_OK)
        result = copy_rows(p, shape.dims[0], width, room, bytes, writer);
    memory_destroy(room);
    return result == STATUS_OK ? store_add_end(writer) : result;
}

/* Behind the one at which a part begins, `begin`, which becomes 0. */
static status copy_offsets(const passage *p, int64_t pairs, int64_t begin, store_writer *writer)
{
    const store_shape shape = {
        .type = STORE_INT64, .dimensions = 1, .dims = {(uint64_t)pairs + 1}};
    int64_t values[OFFSETS] = {0};

    TRY(store_add_begin_pieces(writer, p->name, shape));
    TRY(store_add_rows(writer, values, 1));
    for (int64_t left = pairs, now; left > 0; left -= now) {
        now = left < OFFSETS ? left : OFFSETS;
        TRY(next(p, values, (size_t)now * sizeof(*values)));
        for (int64_t i = 0; i < now; i++)
            values[i] -= begin;
        TRY(store_add_rows(writer, values, (uint64_t)now));
    }
    return store_add_end(writer);
}

/* Where the elements of each part begin, and where the last ones end. */
static status find_cuts(const split_side *s, int parts, int64_t *cuts)
{
    const passage offsets = {.from = s->offsets};
    int64_t at = 0, value;

    TRY(spill_rewind(s->offsets));
    for (int part = 0; part <= parts; part++)
        for (; at <= first_pair(s, part, parts); at++) {
            TRY(next(&offsets, &value, sizeof(value)));
            cuts[part] = value;
        }
    return STATUS_OK;
}

static status write_elements(const split_side *s, const passage *p, element of,
                             const int64_t *cuts, const split_parts *to)
{
    bool frames = of.kind == ELEMENT_FRAME;
    store_shape shape = {.type = frames ? STORE_HALF : STORE_INT32,
                         .dimensions = frames ? 2 : 1,
                         .dims = {0, frames ? (uint64_t)of.width : 0}};

    TRY(spill_rewind(s->elements));
    for (int part = 0; part < to->count; part++) {
        shape.dims[0] = (uint64_t)(cuts[part + 1] - cuts[part]);
        TRY(copy_elements(p, shape, element_size(of), to->writers[part]));
    }
    return STATUS_OK;
}

static status write_offsets(const split_side *s, const passage *p, const int64_t *cuts,
                            const split_parts *to)
{
    int64_t zero;

    TRY(spill_rewind(s->offsets));
    TRY(next(p, &zero, sizeof(zero)));
    for (int part = 0; part < to->count; part++)
        TRY(copy_offsets(p, first_pair(s, part + 1, to->count) - first_pair(s, part, to->count),
                         cuts[part], to->writers[part]));
    return STATUS_OK;
}

/* Begin and end what is asked of a tensor that several files share. */
static status begin(passage *p, const split_parts *to)
{
    if (to->count > 1 && (p->whole = store_hasher_create()) == NULL)
        return fail(STATUS_NOMEM, "no memory to save %s", p->name);
    return STATUS_OK;
}

static void end(passage *p, const split_parts *to, int which)
{
    uint64_t hash = store_hasher_end(p->whole);

    if (to->count > 1) {
        snprintf(to->wholes[which].name, sizeof(to->wholes[which].name), "%s", p->name);
        to->wholes[which].hash = hash;
    }
}

static status write_both(const split_side *s, const char *place, element of,
                         const int64_t *cuts, const split_parts *to)
{
    char name[NAME_ROOM];
    passage elements = {.from = s->elements, .name = name};
    passage offsets = {.from = s->offsets, .name = name};

    snprintf(name, sizeof(name), "%s/%s", place, of.kind == ELEMENT_FRAME ? "frames" : "ids");
    TRY(begin(&elements, to));
    status result = write_elements(s, &elements, of, cuts, to);
    end(&elements, to, 0);
    TRY(result);
    snprintf(name, sizeof(name), "%s/offsets", place);
    TRY(begin(&offsets, to));
    result = write_offsets(s, &offsets, cuts, to);
    end(&offsets, to, 1);
    return result;
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

status split_side_write(const split_side *s, const char *place, element of, bool text,
                        const split_parts *to)
{
    int64_t *cuts = memory_create((size_t)to->count + 1, sizeof(*cuts));
    char name[NAME_ROOM];

    if (cuts == NULL)
        return fail(STATUS_NOMEM, "no memory to save %s", place);
    status result = find_cuts(s, to->count, cuts);

    if (result == STATUS_OK)
        result = write_both(s, place, of, cuts, to);
    memory_destroy(cuts);
    if (result != STATUS_OK || !text)
        return result;
    snprintf(name, sizeof(name), "%s/text", place);
    return write_text(s, name, to->writers[0]);
}

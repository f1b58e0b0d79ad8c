/* made_parts.c - a dataset of one file cut into several. */
#include "made_parts.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/data/side.h"
#include "lockstep/store/store.h"
#include "unit_check.h"

static bool is_shared(const char *name)
{
    return strncmp(name, "/train/", 7) != 0 && strncmp(name, "/pieces/", 8) != 0;
}

static bool is_fingerprint(const char *name)
{
    return strcmp(name, "fingerprint") == 0;
}

static void add(store_writer *writer, const char *name, store_type type, uint64_t rows,
                const void *values)
{
    const store_shape shape = {.type = type, .dimensions = 1, .dims = {rows}};

    ck_assert_int_eq(store_add_begin_pieces(writer, name, shape), STATUS_OK);
    ck_assert_int_eq(store_add_rows(writer, values, rows), STATUS_OK);
    ck_assert_int_eq(store_add_end(writer), STATUS_OK);
}

static void add_side(store_writer *writer, store_reader *reader, const char *side,
                     int64_t first, int64_t end)
{
    uint64_t pairs = (uint64_t)(end - first);
    char name[64];

    snprintf(name, sizeof(name), "/train/%s/offsets", side);
    int64_t *offsets = memory_create(pairs + 1, sizeof(*offsets));
    ck_assert_int_eq(
        store_load_rows(reader, name, STORE_INT64, (uint64_t)first, pairs + 1, offsets),
        STATUS_OK);
    int64_t begin = offsets[0];
    uint64_t tokens = (uint64_t)(offsets[pairs] - begin);
    for (uint64_t i = 0; i <= pairs; i++)
        offsets[i] -= begin;
    add(writer, name, STORE_INT64, pairs + 1, offsets);
    memory_destroy(offsets);
    snprintf(name, sizeof(name), "/train/%s/ids", side);
    int32_t *ids = memory_create(tokens, sizeof(*ids));
    ck_assert_int_eq(store_load_rows(reader, name, STORE_INT32, (uint64_t)begin, tokens, ids),
                     STATUS_OK);
    add(writer, name, STORE_INT32, tokens, ids);
    memory_destroy(ids);
}

void made_parts_write(const char *from, const char *to, int part, int parts, int64_t first,
                      int64_t end, uint64_t content)
{
    store_reader *reader;
    store_writer *writer;

    ck_assert_int_eq(store_open(&reader, from, "dataset", DATASET_VERSION), STATUS_OK);
    ck_assert_int_eq(store_create(&writer, to, "dataset", DATASET_VERSION), STATUS_OK);
    ck_assert_int_eq(store_copy(writer, reader, part == 1 ? is_shared : is_fingerprint),
                     STATUS_OK);
    add_side(writer, reader, side_name(SIDE_SOURCE), first, end);
    add_side(writer, reader, side_name(SIDE_TARGET), first, end);
    ck_assert_int_eq(store_add_number(writer, "part", part), STATUS_OK);
    ck_assert_int_eq(store_add_number(writer, "parts", parts), STATUS_OK);
    ck_assert_int_eq(store_add_number(writer, "content", (int64_t)content), STATUS_OK);
    store_set_note(writer, (const uint64_t[]){(uint64_t)part, (uint64_t)parts});
    ck_assert_int_eq(store_save(writer), STATUS_OK);
    store_close(reader);
}

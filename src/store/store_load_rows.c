/* store_load_rows.c - parts of tensors out of a store, verified piece by piece. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/memory.h"
#include "reader.h"

/* What a call asks of the I/O thread. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_type type;
    uint64_t first, rows;
    void *values;
} request;

static bool read_part(hid_t set, store_type type, uint64_t first, uint64_t rows, void *values)
{
    hsize_t start = first, count = rows;
    hid_t memory = H5Screate_simple(1, &count, NULL);
    hid_t space = H5Dget_space(set);
    bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL) >= 0 &&
                H5Dread(set, handle_memory_type(type), memory, space, H5P_DEFAULT, values) >= 0;

    handle_close(space);
    handle_close(memory);
    return good;
}

static status check_rows(const request *r, const store_shape *found)
{
    if (found->dimensions == 1 && found->type == r->type && r->first <= found->dims[0] &&
        r->rows <= found->dims[0] - r->first)
        return STATUS_OK;
    return fail(STATUS_FORMAT, "%s: %s: rows %" PRIu64 " to %" PRIu64 " are wanted of %" PRIu64,
                r->reader->path, r->name, r->first, r->first + r->rows, found->dims[0]);
}

static status run_plain(void *argument)
{
    const request *r = argument;
    status result = STATUS_OK;
    hid_t set;

    TRY(reader_open_set(r->reader, r->name, &set));
    if (r->rows > 0 && !read_part(set, r->type, r->first, r->rows, r->values))
        result = handle_fail(STATUS_IO, r->reader->path, r->name, "cannot read");
    handle_close(set);
    return result;
}

/* ---- pieces ---- */

static reader_pieces *find_pieces(store_reader *reader, const char *name)
{
    reader_pieces *at = reader->pieces;

    while (at != NULL && strcmp(at->name, name) != 0)
        at = at->next;
    return at;
}

static status no_match(const request *r, uint64_t piece)
{
    return fail(STATUS_FORMAT,
                "%s: %s: was changed while it is read: bytes from %" PRIu64
                " on do not match their checksum",
                r->reader->path, r->name, piece * STORE_PIECE);
}

/* What of the rows asked for lies in one piece. */
static status read_piece(const request *r, const reader_pieces *p, uint64_t piece)
{
    char bytes[STORE_PIECE];
    size_t size = handle_size(r->type);
    uint64_t per = STORE_PIECE / size, begin = piece * per, end = begin + per;
    uint64_t from = r->first > begin ? r->first : begin, to = r->first + r->rows;

    end = end < p->shape.dims[0] ? end : p->shape.dims[0];
    to = to < end ? to : end;
    if (!read_part(p->set, r->type, begin, end - begin, bytes))
        return handle_fail(STATUS_IO, r->reader->path, r->name, "cannot read");
    if (store_hash(bytes, (end - begin) * size) != (uint64_t)p->hashes[piece])
        return no_match(r, piece);
    memcpy((char *)r->values + (from - r->first) * size, bytes + (from - begin) * size,
           (to - from) * size);
    return STATUS_OK;
}

static status run_pieces(void *argument)
{
    const request *r = argument;
    const reader_pieces *p = find_pieces(r->reader, r->name);
    uint64_t per = STORE_PIECE / handle_size(r->type);

    for (uint64_t at = r->first / per; at * per < r->first + r->rows; at++)
        TRY(read_piece(r, p, at));
    return STATUS_OK;
}

status store_load_rows(store_reader *reader, const char *name, store_type type, uint64_t first,
                       uint64_t rows, void *values)
{
    request r = {reader, name, type, first, rows, values};
    store_shape found;

    TRY(reader_find_set(reader, name, &found));
    TRY(check_rows(&r, &found));
    return io_run(find_pieces(reader, name) != NULL ? run_pieces : run_plain, &r);
}

/* ---- what they are compared with ---- */

/* The set stays open: what HDF5 knows of it must not be read again from a file that may have
 * been changed. */
static status run_keep(void *argument)
{
    request *r = argument;
    reader_pieces *p = r->values;

    return reader_open_set(r->reader, r->name, &p->set);
}

static status load_hashes(store_reader *reader, reader_pieces *p, const char *place)
{
    store_shape shape;

    TRY(store_shape_of(reader, place, &shape));
    uint64_t per = STORE_PIECE / handle_size(p->shape.type);
    if (p->shape.dimensions != 1 || p->shape.type == STORE_STRINGS ||
        shape.type != STORE_INT64 || shape.dimensions != 1 ||
        shape.dims[0] != (p->shape.dims[0] + per - 1) / per)
        return fail(STATUS_FORMAT, "%s: %s: are not the checksums of %s", reader->path, place,
                    p->name);
    p->hashes = memory_create(shape.dims[0], sizeof(*p->hashes));
    if (p->hashes == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to verify it", reader->path);
    return store_load(reader, place, shape, p->hashes);
}

status store_verify_rows(store_reader *reader, const char *name)
{
    char place[sizeof(reader->pieces->name) + sizeof(STORE_PIECES)];

    snprintf(place, sizeof(place), "%s%s", STORE_PIECES, name);
    if (find_pieces(reader, name) != NULL || !store_has(reader, place))
        return STATUS_OK;
    reader_pieces *p = memory_create(1, sizeof(*p));
    if (p == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to verify it", reader->path);
    snprintf(p->name, sizeof(p->name), "%s", name);
    status result = reader_find_set(reader, name, &p->shape);
    if (result == STATUS_OK)
        result = io_run(run_keep, &(request){.reader = reader, .name = name, .values = p});
    if (result == STATUS_OK)
        result = load_hashes(reader, p, place);
    p->next = reader->pieces;
    reader->pieces = p; /* freed with the reader, whatever became of it */
    return result;
}

void reader_free_pieces(store_reader *reader)
{
    while (reader->pieces != NULL) {
        reader_pieces *first = reader->pieces;

        reader->pieces = first->next;
        memory_destroy(first->hashes);
        memory_destroy(first);
    }
}

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
    store_shape shape; /* of the whole tensor */
} request;

/* `shape` is the whole tensor's. */
static bool read_part(hid_t set, const store_shape *shape, uint64_t first, uint64_t rows,
                      void *values)
{
    hsize_t start[2] = {first, 0}, count[2] = {rows, shape->dims[1]};
    hid_t memory = H5Screate_simple(shape->dimensions, count, NULL);
    hid_t space = H5Dget_space(set);
    bool good =
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dread(set, handle_memory_type(shape->type), memory, space, H5P_DEFAULT, values) >= 0;

    handle_close(space);
    handle_close(memory);
    return good;
}

static status check_rows(const request *r, const store_shape *found)
{
    if ((found->dimensions == 1 || found->dimensions == 2) && found->type == r->type &&
        r->first <= found->dims[0] && r->rows <= found->dims[0] - r->first)
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
    if (r->rows > 0 && !read_part(set, &r->shape, r->first, r->rows, r->values))
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

static status no_match(const request *r, uint64_t begin)
{
    return fail(STATUS_FORMAT,
                "%s: %s: was changed while it is read: bytes from %" PRIu64
                " on do not match their checksum",
                r->reader->path, r->name, begin);
}

/* What of the rows asked for lies in one piece. */
static status read_piece(const request *r, const reader_pieces *p, uint64_t piece)
{
    size_t size = handle_row(&p->shape);
    uint64_t per = handle_piece_rows(&p->shape), begin = piece * per, end = begin + per;
    uint64_t from = r->first > begin ? r->first : begin, to = r->first + r->rows;

    end = end < p->shape.dims[0] ? end : p->shape.dims[0];
    to = to < end ? to : end;
    unsigned char *out = (unsigned char *)r->values + (from - r->first) * size;
    unsigned char *bytes = from == begin && to == end ? out : p->room;

    if (!read_part(p->set, &p->shape, begin, end - begin, bytes))
        return handle_fail(STATUS_IO, r->reader->path, r->name, "cannot read");
    if (store_hash(bytes, (end - begin) * size) != (uint64_t)p->hashes[piece])
        return no_match(r, begin * size);
    if (bytes != out)
        memcpy(out, bytes + (from - begin) * size, (to - from) * size);
    return STATUS_OK;
}

static status run_pieces(void *argument)
{
    const request *r = argument;
    const reader_pieces *p = find_pieces(r->reader, r->name);
    uint64_t per = handle_piece_rows(&p->shape);

    for (uint64_t at = r->first / per; at * per < r->first + r->rows; at++)
        TRY(read_piece(r, p, at));
    return STATUS_OK;
}

status store_load_rows(store_reader *reader, const char *name, store_type type, uint64_t first,
                       uint64_t rows, void *values)
{
    request r = {reader, name, type, first, rows, values, {0}};

    TRY(reader_find_set(reader, name, &r.shape));
    TRY(check_rows(&r, &r.shape));
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

static uint64_t pieces_of(const store_shape *shape)
{
    uint64_t per = handle_piece_rows(shape);

    return shape->dims[0] / per + (shape->dims[0] % per > 0);
}

static status load_hashes(store_reader *reader, reader_pieces *p, const char *place)
{
    store_shape shape;

    TRY(store_shape_of(reader, place, &shape));
    if ((p->shape.dimensions != 1 && p->shape.dimensions != 2) ||
        p->shape.type == STORE_STRINGS || shape.type != STORE_INT64 || shape.dimensions != 1 ||
        shape.dims[0] != pieces_of(&p->shape))
        return fail(STATUS_FORMAT, "%s: %s: are not the checksums of %s", reader->path, place,
                    p->name);
    p->hashes = memory_create(shape.dims[0], sizeof(*p->hashes));
    p->room = memory_create(handle_piece_rows(&p->shape), handle_row(&p->shape));
    if (p->hashes == NULL || p->room == NULL)
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
        memory_destroy(first->room);
        memory_destroy(first);
    }
}

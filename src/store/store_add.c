/* store_add.c - tensors into a store. */
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "writer.h"

/* What a call asks of the I/O thread. */
typedef struct request {
    store_writer *writer;
    const char *name;
    store_shape shape;
    const void *values;
    uint64_t rows, hash;
} request;

static status run_begin(void *argument)
{
    request *r = argument;
    store_writer *writer = r->writer;

    writer->tensor =
        writer_create_set(writer, r->name, handle_file_type(r->shape.type), &r->shape);
    return writer_outcome(writer, r->name, writer->tensor >= 0);
}

status store_add_begin(store_writer *writer, const char *name, store_shape shape)
{
    request r = {.writer = writer, .name = name, .shape = shape};

    CHECK(writer->tensor < 0 && shape.type != STORE_STRINGS);
    CHECK(name[0] == '/' && strlen(name) < sizeof(writer->name));
    CHECK(shape.dimensions >= 0 && shape.dimensions <= STORE_DIMENSIONS);
    TRY(io_run(run_begin, &r));
    snprintf(writer->name, sizeof(writer->name), "%s", name);
    writer->shape = shape;
    writer->rows = 0;
    XXH3_64bits_reset(writer->hash);
    return STATUS_OK;
}

status store_add_begin_pieces(store_writer *writer, const char *name, store_shape shape)
{
    CHECK(shape.dimensions > 0);
    TRY(store_add_begin(writer, name, shape));
    writer->in_pieces = true;
    writer->piece_size = handle_piece_rows(&shape) * handle_row(&shape);
    writer->piece_used = 0;
    buffer_clear(&writer->pieces);
    return STATUS_OK;
}

static status add_piece(store_writer *writer, const void *bytes, size_t size)
{
    uint64_t hash = store_hash(bytes, size);

    return buffer_add(&writer->pieces, &hash, sizeof(hash));
}

static status end_piece(store_writer *writer)
{
    size_t size = writer->piece_used;

    writer->piece_used = 0;
    return add_piece(writer, writer->piece, size);
}

/* Some of the `size` bytes at `bytes`, at most a piece; *used says how many. */
static status add_some(store_writer *writer, const char *bytes, size_t size, size_t *used)
{
    size_t room = writer->piece_size - writer->piece_used;

    *used = size < room ? size : room;
    if (*used == writer->piece_size) /* whole, as a row that is larger always is */
        return add_piece(writer, bytes, *used);
    memcpy(writer->piece + writer->piece_used, bytes, *used);
    writer->piece_used += *used;
    return writer->piece_used == writer->piece_size ? end_piece(writer) : STATUS_OK;
}

static status add_to_pieces(store_writer *writer, const char *bytes, size_t size)
{
    for (size_t used; size > 0; bytes += used, size -= used)
        TRY(add_some(writer, bytes, size, &used));
    return STATUS_OK;
}

static status save_pieces(store_writer *writer)
{
    char place[sizeof(writer->name) + sizeof(STORE_PIECES)];

    writer->in_pieces = false;
    if (writer->piece_used > 0)
        TRY(end_piece(writer));
    snprintf(place, sizeof(place), "%s%s", STORE_PIECES, writer->name);
    const store_shape shape = {STORE_INT64, 1, {writer->pieces.size / sizeof(uint64_t)}};

    return store_add(writer, place, shape, writer->pieces.data);
}

/* The part of a tensor that `rows` rows are; a scalar is one row. */
static store_shape rows_shape(const store_writer *writer, uint64_t rows)
{
    store_shape part = writer->shape;

    if (part.dimensions > 0)
        part.dims[0] = rows;
    return part;
}

static bool write_part(hid_t set, const store_shape *part, uint64_t first, const void *values)
{
    hsize_t start[STORE_DIMENSIONS] = {first}, count[STORE_DIMENSIONS];

    for (int i = 0; i < STORE_DIMENSIONS; i++)
        count[i] = part->dims[i];
    hid_t memory = H5Screate_simple(part->dimensions, count, NULL);
    hid_t space = H5Dget_space(set);
    bool good =
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
        H5Dwrite(set, handle_memory_type(part->type), memory, space, H5P_DEFAULT, values) >= 0;

    handle_close(space);
    handle_close(memory);
    return good;
}

static status run_rows(void *argument)
{
    request *r = argument;
    store_writer *writer = r->writer;
    hid_t type = handle_memory_type(r->shape.type);
    bool whole = r->shape.dimensions == 0 || r->rows == writer->shape.dims[0];

    /* Nothing else is said about a whole tensor, and HDF5 then does no more than
     * one write of the caller's memory. */
    bool good =
        whole ? H5Dwrite(writer->tensor, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, r->values) >= 0
              : write_part(writer->tensor, &r->shape, writer->rows, r->values);
    return writer_outcome(writer, writer->name, good);
}

status store_add_rows(store_writer *writer, const void *values, uint64_t rows)
{
    request r = {.writer = writer, .values = values, .rows = rows};

    CHECK(writer->tensor >= 0);
    r.shape = rows_shape(writer, rows);
    uint64_t all = writer->shape.dimensions > 0 ? writer->shape.dims[0] : 1;
    CHECK(rows <= all - writer->rows);
    if (handle_bytes(&r.shape) > 0) {
        TRY(io_run(run_rows, &r));
        XXH3_64bits_update(writer->hash, values, handle_bytes(&r.shape));
        if (writer->in_pieces)
            TRY(add_to_pieces(writer, values, handle_bytes(&r.shape)));
    }
    writer->rows += rows;
    return STATUS_OK;
}

static status run_end(void *argument)
{
    request *r = argument;
    store_writer *writer = r->writer;
    bool good = writer_add_hash(writer->tensor, r->hash);
    status result = writer_outcome(writer, writer->name, good);

    handle_close(writer->tensor);
    writer->tensor = -1;
    return result;
}

status store_add_end(store_writer *writer)
{
    request r = {.writer = writer, .hash = XXH3_64bits_digest(writer->hash)};

    CHECK(writer->tensor >= 0);
    CHECK(writer->rows == (writer->shape.dimensions > 0 ? writer->shape.dims[0] : 1));
    TRY(io_run(run_end, &r));
    TRY(writer_note(writer, writer->name, r.hash));
    return writer->in_pieces ? save_pieces(writer) : STATUS_OK;
}

status store_add(store_writer *writer, const char *name, store_shape shape, const void *values)
{
    TRY(store_add_begin(writer, name, shape));
    TRY(store_add_rows(writer, values, shape.dimensions > 0 ? shape.dims[0] : 1));
    return store_add_end(writer);
}

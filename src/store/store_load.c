/* store_load.c - tensors out of a store. */
#include "handle.h"
#include "io_thread.h"
#include "reader.h"

/* What a call asks of the I/O thread, and what it answers. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_shape shape;
    uint64_t hash;
    void *values;
} request;

static status check_shape(const request *r, const store_shape *found)
{
    char have[STORE_SHAPE_TEXT], want[STORE_SHAPE_TEXT];
    bool same = found->type == r->shape.type && found->dimensions == r->shape.dimensions;

    for (int i = 0; same && i < found->dimensions; i++)
        same = found->dims[i] == r->shape.dims[i];
    if (same)
        return STATUS_OK;
    store_shape_text(found, have);
    store_shape_text(&r->shape, want);
    return fail(STATUS_FORMAT, "%s: %s: is %s, expected %s", r->reader->path, r->name, have,
                want);
}

static status read_whole(request *r, hid_t set)
{
    hid_t type = handle_memory_type(r->shape.type);

    if (handle_bytes(&r->shape) > 0 &&
        H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, r->values) < 0)
        return handle_fail(STATUS_IO, r->reader->path, r->name, "cannot read");
    return reader_read_hash(r->reader, r->name, set, &r->hash);
}

static status run_load(void *argument)
{
    request *r = argument;
    store_shape found;
    hid_t set;

    TRY(reader_open_set(r->reader, r->name, &set, &found));
    status result = check_shape(r, &found);
    if (result == STATUS_OK)
        result = read_whole(r, set);
    handle_close(set);
    return result;
}

status store_load(store_reader *reader, const char *name, store_shape shape, void *values)
{
    request r = {.reader = reader, .name = name, .shape = shape, .values = values};

    CHECK(shape.type != STORE_STRINGS);
    TRY(io_run(run_load, &r));
    return reader_check_hash(reader, name, r.hash, store_hash(values, handle_bytes(&shape)));
}

static status run_hash(void *argument)
{
    request *r = argument;
    hid_t set;

    TRY(reader_open_set(r->reader, r->name, &set, &r->shape));
    status result = reader_read_hash(r->reader, r->name, set, &r->hash);
    handle_close(set);
    return result;
}

status store_hash_of(store_reader *reader, const char *name, uint64_t *out)
{
    request r = {.reader = reader, .name = name};

    TRY(io_run(run_hash, &r));
    *out = r.hash;
    return STATUS_OK;
}

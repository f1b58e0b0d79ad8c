/* store_load.c - tensors out of a store. */
#include "handle.h"
#include "io_thread.h"
#include "reader.h"

/* What a call asks of the I/O thread. */
typedef struct request {
    store_reader *reader;
    const store_tensor *tensors;
    size_t count;
} request;

static status check_shape(const store_reader *reader, const store_tensor *t,
                          const store_shape *found)
{
    char have[STORE_SHAPE_TEXT], want[STORE_SHAPE_TEXT];
    bool same = found->type == t->shape.type && found->dimensions == t->shape.dimensions;

    for (int i = 0; same && i < found->dimensions; i++)
        same = found->dims[i] == t->shape.dims[i];
    if (same)
        return STATUS_OK;
    store_shape_text(found, have);
    store_shape_text(&t->shape, want);
    return fail(STATUS_FORMAT, "%s: %s: is %s, expected %s", reader->path, t->name, have, want);
}

/* Its checksum is reckoned at once, while it is in cache. */
static status read_whole(const store_reader *reader, const store_tensor *t, hid_t set)
{
    hid_t type = handle_memory_type(t->shape.type);
    size_t bytes = handle_bytes(&t->shape);
    uint64_t recorded;

    if (bytes > 0 && H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, t->values) < 0)
        return handle_fail(STATUS_IO, reader->path, t->name, "cannot read");
    TRY(reader_read_hash(reader, t->name, set, &recorded));
    return reader_check_hash(reader, t->name, recorded, store_hash(t->values, bytes));
}

static status load_one(const store_reader *reader, const store_tensor *t)
{
    hid_t set;

    TRY(reader_open_set(reader, t->name, &set));
    status result = read_whole(reader, t, set);
    handle_close(set);
    return result;
}

static status run_load(void *argument)
{
    const request *r = argument;

    for (size_t i = 0; i < r->count; i++)
        TRY(load_one(r->reader, &r->tensors[i]));
    return STATUS_OK;
}

status store_load_all(store_reader *reader, const store_tensor *tensors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        store_shape found;

        CHECK(tensors[i].shape.type != STORE_STRINGS);
        TRY(reader_find_set(reader, tensors[i].name, &found));
        TRY(check_shape(reader, &tensors[i], &found));
    }
    return io_run(run_load, &(request){reader, tensors, count});
}

status store_load(store_reader *reader, const char *name, store_shape shape, void *values)
{
    return store_load_all(reader, &(store_tensor){name, shape, values}, 1);
}

/* What is asked for a checksum alone. */
typedef struct question {
    const store_reader *reader;
    const char *name;
    uint64_t hash;
} question;

static status run_hash(void *argument)
{
    question *q = argument;
    hid_t set;

    TRY(reader_open_set(q->reader, q->name, &set));
    status result = reader_read_hash(q->reader, q->name, set, &q->hash);
    handle_close(set);
    return result;
}

status store_hash_of(store_reader *reader, const char *name, uint64_t *out)
{
    question q = {.reader = reader, .name = name};
    store_shape shape;

    TRY(reader_find_set(reader, name, &shape));
    TRY(io_run(run_hash, &q));
    *out = q.hash;
    return STATUS_OK;
}

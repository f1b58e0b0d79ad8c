/* store_shape.c - what stands in a store, and of which shape. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "reader.h"

void store_dims_text(const store_shape *shape, char out[STORE_SHAPE_TEXT])
{
    int used = snprintf(out, STORE_SHAPE_TEXT, "[");

    for (int i = 0; i < shape->dimensions; i++)
        used += snprintf(out + used, (size_t)(STORE_SHAPE_TEXT - used), "%s%" PRIu64,
                         i > 0 ? ", " : "", shape->dims[i]);
    snprintf(out + used, (size_t)(STORE_SHAPE_TEXT - used), "]");
}

void store_shape_text(const store_shape *shape, char out[STORE_SHAPE_TEXT])
{
    static const char *const names[] = {
        [STORE_FLOAT] = "float", [STORE_DOUBLE] = "double", [STORE_INT32] = "int32",
        [STORE_INT64] = "int64", [STORE_BYTE] = "byte",     [STORE_STRINGS] = "strings",
    };
    int used = snprintf(out, STORE_SHAPE_TEXT, "%s", names[shape->type]);

    if (shape->dimensions == 0)
        return;
    out[used++] = ' ';
    char dims[STORE_SHAPE_TEXT];
    store_dims_text(shape, dims);
    snprintf(out + used, (size_t)(STORE_SHAPE_TEXT - used), "%s", dims);
}

/* What a call asks of the I/O thread, and what it answers. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_shape shape;
    bool found;
} request;

static status run_has(void *argument)
{
    request *r = argument;

    r->found = reader_has(r->reader, r->name);
    return STATUS_OK;
}

bool store_has(store_reader *reader, const char *name)
{
    request r = {.reader = reader, .name = name};

    return io_run(run_has, &r) == STATUS_OK && r.found;
}

static status run_has_attribute(void *argument)
{
    request *r = argument;

    r->found = H5Aexists(r->reader->id, r->name) > 0;
    return STATUS_OK;
}

bool store_has_attribute(store_reader *reader, const char *name)
{
    request r = {.reader = reader, .name = name};

    return io_run(run_has_attribute, &r) == STATUS_OK && r.found;
}

static status run_shape(void *argument)
{
    request *r = argument;
    hid_t set;

    TRY(reader_open_set(r->reader, r->name, &set, &r->shape));
    handle_close(set);
    return STATUS_OK;
}

status store_shape_of(store_reader *reader, const char *name, store_shape *out)
{
    request r = {.reader = reader, .name = name};

    TRY(io_run(run_shape, &r));
    *out = r.shape;
    return STATUS_OK;
}

status store_walk(store_reader *reader,
                  status (*visit)(void *user, const char *name, const store_shape *shape),
                  void *user)
{
    const buffer *names = &reader->names;
    status result = STATUS_OK;

    /* The visitor runs on the caller's thread, where it may read the tensor. */
    for (size_t at = 0; result == STATUS_OK && at < names->size;) {
        const char *name = names->data + at;
        store_shape shape;

        result = store_shape_of(reader, name, &shape);
        if (result == STATUS_OK)
            result = visit(user, name, &shape);
        at += strlen(name) + 1;
    }
    return result;
}

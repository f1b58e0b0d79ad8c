/* store_shape.c - what stands in a store, and of which shape. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/buffer.h"
#include "reader.h"

void store_shape_text(const store_shape *shape, char out[64])
{
    static const char *const names[] = {
        [STORE_FLOAT] = "float", [STORE_DOUBLE] = "double", [STORE_INT32] = "int32",
        [STORE_INT64] = "int64", [STORE_BYTE] = "byte",     [STORE_STRINGS] = "strings",
    };
    const char *type = names[shape->type];

    if (shape->dimensions == 0)
        snprintf(out, 64, "%s", type);
    else if (shape->dimensions == 1)
        snprintf(out, 64, "%s [%" PRIu64 "]", type, shape->dims[0]);
    else
        snprintf(out, 64, "%s [%" PRIu64 ", %" PRIu64 "]", type, shape->dims[0],
                 shape->dims[1]);
}

/* What a call asks of the I/O thread, and what it answers. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_shape shape;
    bool found;
    buffer *names;
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

/* The names of all data sets below `path`, each ended by a 0. Links are asked for by
 * their place in the order of names: the visiting functions of HDF5 change their
 * arguments from version to version. */
static status list_names(const store_reader *reader, const char *path, buffer *names)
{
    hid_t group = H5Gopen2(reader->id, path, H5P_DEFAULT);
    H5G_info_t info = {.nlinks = 0};
    status result = H5Gget_info(group, &info) >= 0
                        ? STATUS_OK
                        : handle_fail(STATUS_FORMAT, reader->path, path, "cannot list");

    for (hsize_t i = 0; result == STATUS_OK && i < info.nlinks; i++) {
        char name[256];
        size_t used =
            (size_t)snprintf(name, sizeof(name), "%s%s", path, path[1] == '\0' ? "" : "/");
        ssize_t size = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i,
                                          name + used, sizeof(name) - used, H5P_DEFAULT);
        hid_t object = size > 0 ? H5Oopen(reader->id, name, H5P_DEFAULT) : -1;

        if (H5Iget_type(object) == H5I_GROUP)
            result = list_names(reader, name, names);
        else if (H5Iget_type(object) == H5I_DATASET)
            result = buffer_add(names, name, strlen(name) + 1);
        else
            result = handle_fail(STATUS_FORMAT, reader->path, name, "cannot open");
        handle_close(object);
    }
    handle_close(group);
    return result;
}

static status run_list(void *argument)
{
    request *r = argument;

    return list_names(r->reader, "/", r->names);
}

status store_walk(store_reader *reader,
                  status (*visit)(void *user, const char *name, const store_shape *shape),
                  void *user)
{
    buffer names = {0};
    status result = io_run(run_list, &(request){.reader = reader, .names = &names});

    /* The visitor runs on the caller's thread, where it may read the tensor. */
    for (size_t at = 0; result == STATUS_OK && at < names.size;) {
        const char *name = names.data + at;
        store_shape shape;

        result = store_shape_of(reader, name, &shape);
        if (result == STATUS_OK)
            result = visit(user, name, &shape);
        at += strlen(name) + 1;
    }
    buffer_free(&names);
    return result;
}

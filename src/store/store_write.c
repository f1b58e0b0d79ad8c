/* writer.c - a store being written: groups, tensors, attributes, strings. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "user_block.h"
#include "write_driver.h"

struct store_writer {
    file_replacement file;
    char kind[USER_BLOCK_KIND];
    uint64_t version;
    int error; /* the first errno of the driver */
    hid_t driver, id;
    /* The tensor between store_add_begin and store_add_end. */
    hid_t tensor; /* negative: none */
    char name[256];
    store_shape shape;
    uint64_t rows;
    XXH3_state_t *hash;
};

/* What a call asks of the I/O thread. */
typedef struct request {
    store_writer *writer;
    const char *name;
    store_shape shape;
    const void *values;
    uint64_t rows;
    const char *const *strings;
    uint64_t hash;
    int64_t number;
} request;

/* The status of a step: the driver's errno tells more than HDF5 does. */
static status outcome(const store_writer *writer, const char *name, bool good)
{
    if (writer->error != 0)
        return fail(STATUS_IO, "%s: cannot write: %s", writer->file.path,
                    strerror(writer->error));
    if (!good)
        return handle_fail(STATUS_IO, writer->file.path, name, "cannot write");
    return STATUS_OK;
}

/* The bytes of a file must not depend on when it was written, and must be readable
 * by any HDF5 since 1.8. */
static status run_create(void *argument)
{
    store_writer *writer = argument;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);

    writer->driver = write_driver_set(access, &writer->error);
    if (writer->driver >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
        H5Pset_userblock(creation, USER_BLOCK_SIZE) >= 0 &&
        H5Pset_obj_track_times(creation, 0) >= 0)
        writer->id = H5Fcreate(writer->file.temporary, H5F_ACC_TRUNC, creation, access);
    status result = outcome(writer, "/", writer->id >= 0);
    handle_close(creation);
    handle_close(access);
    return result;
}

/* Close everything; what was not written yet is written now. */
static status run_close(void *argument)
{
    store_writer *writer = argument;
    bool good = true;

    handle_close(writer->tensor);
    if (writer->id >= 0)
        good = H5Fclose(writer->id) >= 0;
    status result = outcome(writer, "/", good);
    if (writer->driver >= 0)
        H5FDunregister(writer->driver);
    return result;
}

/* Close without writing more, and without a word: the caller has its reason. */
static status run_cancel(void *argument)
{
    store_writer *writer = argument;

    if (writer->error == 0)
        writer->error = ECANCELED;
    (void)run_close(writer);
    return STATUS_OK;
}

status store_create(store_writer **out, const char *path, const char *kind, int version)
{
    CHECK(strlen(kind) < USER_BLOCK_KIND);
    store_writer *writer = memory_create(1, sizeof(*writer));

    if (writer == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to write it", path);
    snprintf(writer->kind, sizeof(writer->kind), "%s", kind);
    writer->version = (uint64_t)version;
    writer->driver = writer->id = writer->tensor = -1;
    writer->hash = XXH3_createState();
    status result = writer->hash == NULL ? fail(STATUS_NOMEM, "%s: no memory to write it", path)
                                         : file_replace_begin(&writer->file, path);
    if (result == STATUS_OK)
        result = io_run(run_create, writer);
    if (result != STATUS_OK) {
        store_cancel(writer);
        return result;
    }
    *out = writer;
    return STATUS_OK;
}

void store_cancel(store_writer *writer)
{
    if (writer == NULL)
        return;
    CHECK(io_run(run_cancel, writer) == STATUS_OK);
    if (writer->file.temporary[0] != '\0')
        file_replace_cancel(&writer->file);
    XXH3_freeState(writer->hash);
    memory_destroy(writer);
}

status store_save(store_writer *writer)
{
    CHECK(writer->tensor < 0);
    file_replacement *file = &writer->file;
    status result = io_run(run_close, writer);

    if (result == STATUS_OK)
        result = user_block_write(file->temporary, file->path, writer->kind, writer->version);
    if (result == STATUS_OK)
        result = file_replace_end(file);
    else
        file_replace_cancel(file);
    XXH3_freeState(writer->hash);
    memory_destroy(writer);
    return result;
}

/* Create the groups above `name`, without time stamps. */
static bool make_groups(const store_writer *writer, const char *name)
{
    char part[256];
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    bool good = H5Pset_obj_track_times(creation, 0) >= 0;

    snprintf(part, sizeof(part), "%s", name);
    for (char *slash = part + 1; good && (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        htri_t found = H5Lexists(writer->id, part, H5P_DEFAULT);
        hid_t group = -1;

        if (found == 0)
            group = H5Gcreate2(writer->id, part, H5P_DEFAULT, creation, H5P_DEFAULT);
        good = found > 0 || group >= 0;
        handle_close(group);
        *slash++ = '/';
    }
    handle_close(creation);
    return good;
}

/* A data set whose storage is written once, by us. */
static hid_t create_set(const store_writer *writer, const char *name, hid_t type,
                        const store_shape *shape)
{
    hsize_t dims[2] = {shape->dims[0], shape->dims[1]};
    H5D_fill_time_t fill = /* HDF5 wants strings to begin as nothing */
        shape->type == STORE_STRINGS ? H5D_FILL_TIME_IFSET : H5D_FILL_TIME_NEVER;

    if (!make_groups(writer, name))
        return -1;
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = shape->dimensions == 0 ? H5Screate(H5S_SCALAR)
                                         : H5Screate_simple(shape->dimensions, dims, NULL);
    hid_t set = -1;
    if (H5Pset_obj_track_times(creation, 0) >= 0 && H5Pset_fill_time(creation, fill) >= 0 &&
        H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) >= 0)
        set = H5Dcreate2(writer->id, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    handle_close(space);
    handle_close(creation);
    return set;
}

static bool write_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                            const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;

    handle_close(attribute);
    handle_close(space);
    return good;
}

static bool write_hash(hid_t set, uint64_t hash)
{
    return write_attribute(set, "xxh3", H5T_STD_U64LE, H5T_NATIVE_UINT64, &hash);
}

static status run_begin(void *argument)
{
    request *r = argument;
    store_writer *writer = r->writer;

    writer->tensor = create_set(writer, r->name, handle_file_type(r->shape.type), &r->shape);
    return outcome(writer, r->name, writer->tensor >= 0);
}

status store_add_begin(store_writer *writer, const char *name, store_shape shape)
{
    request r = {.writer = writer, .name = name, .shape = shape};

    CHECK(writer->tensor < 0 && shape.type != STORE_STRINGS);
    CHECK(name[0] == '/' && strlen(name) < sizeof(writer->name));
    CHECK(shape.dimensions >= 0 && shape.dimensions <= 2);
    TRY(io_run(run_begin, &r));
    snprintf(writer->name, sizeof(writer->name), "%s", name);
    writer->shape = shape;
    writer->rows = 0;
    XXH3_64bits_reset(writer->hash);
    return STATUS_OK;
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
    hsize_t start[2] = {first, 0}, count[2] = {part->dims[0], part->dims[1]};
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
    return outcome(writer, writer->name, good);
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
    }
    writer->rows += rows;
    return STATUS_OK;
}

static status run_end(void *argument)
{
    request *r = argument;
    store_writer *writer = r->writer;
    bool good = write_hash(writer->tensor, r->hash);
    status result = outcome(writer, writer->name, good);

    handle_close(writer->tensor);
    writer->tensor = -1;
    return result;
}

status store_add_end(store_writer *writer)
{
    request r = {.writer = writer, .hash = XXH3_64bits_digest(writer->hash)};

    CHECK(writer->tensor >= 0);
    CHECK(writer->rows == (writer->shape.dimensions > 0 ? writer->shape.dims[0] : 1));
    return io_run(run_end, &r);
}

status store_add(store_writer *writer, const char *name, store_shape shape, const void *values)
{
    TRY(store_add_begin(writer, name, shape));
    TRY(store_add_rows(writer, values, shape.dimensions > 0 ? shape.dims[0] : 1));
    return store_add_end(writer);
}

static status run_text(void *argument)
{
    request *r = argument;
    hid_t type = handle_text_type();
    bool good = write_attribute(r->writer->id, r->name, type, type, &r->values);
    status result = outcome(r->writer, r->name, good);

    handle_close(type);
    return result;
}

status store_add_text(store_writer *writer, const char *name, const char *text)
{
    return io_run(run_text, &(request){.writer = writer, .name = name, .values = text});
}

static status run_number(void *argument)
{
    request *r = argument;

    return outcome(
        r->writer, r->name,
        write_attribute(r->writer->id, r->name, H5T_STD_I64LE, H5T_NATIVE_INT64, &r->number));
}

status store_add_number(store_writer *writer, const char *name, int64_t value)
{
    return io_run(run_number, &(request){.writer = writer, .name = name, .number = value});
}

static status run_strings(void *argument)
{
    request *r = argument;
    hid_t type = handle_text_type();
    hid_t set = create_set(r->writer, r->name, type, &r->shape);
    bool good = set >= 0 && (r->shape.dims[0] == 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL,
                                                               H5P_DEFAULT, r->strings) >= 0);
    status result = outcome(r->writer, r->name, good && write_hash(set, r->hash));

    handle_close(set);
    handle_close(type);
    return result;
}

status store_add_strings(store_writer *writer, const char *name, const char *const *strings,
                         size_t count)
{
    request r = {.writer = writer, .name = name, .strings = strings};

    CHECK(name[0] == '/');
    r.shape = (store_shape){STORE_STRINGS, 1, {count, 0}};
    XXH3_64bits_reset(writer->hash);
    for (size_t i = 0; i < count; i++)
        XXH3_64bits_update(writer->hash, strings[i], strlen(strings[i]) + 1);
    r.hash = XXH3_64bits_digest(writer->hash);
    return io_run(run_strings, &r);
}

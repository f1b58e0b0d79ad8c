/* reader.c - a store being read: its tensors. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/memory.h"
#include "reader.h"
#include "user_block.h"

/* What a call asks of the I/O thread, and what it answers. */
typedef struct request {
    store_reader *reader;
    const char *name;
    store_shape shape;
    uint64_t first, rows, hash;
    void *values;
    bool found;
} request;

static status run_open(void *argument)
{
    store_reader *reader = argument;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    bool good = H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;

#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
    /* A finished file never changes, and not every file system can lock. */
    good = good && H5Pset_file_locking(access, 0, 1) >= 0;
#endif
    if (good)
        reader->id = H5Fopen(reader->path, H5F_ACC_RDONLY, access);
    status result = reader->id >= 0
                        ? STATUS_OK
                        : handle_fail(STATUS_FORMAT, reader->path, "/", "cannot open");
    handle_close(access);
    return result;
}

static status run_close(void *argument)
{
    store_reader *reader = argument;

    handle_close(reader->id);
    return STATUS_OK;
}

static status open_reader(store_reader **out, const char *path)
{
    store_reader *reader = memory_create(1, sizeof(*reader));

    if (reader == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to read it", path);
    snprintf(reader->path, sizeof(reader->path), "%s", path);
    reader->id = -1;
    status result = io_run(run_open, reader);
    if (result != STATUS_OK) {
        memory_destroy(reader);
        return result;
    }
    *out = reader;
    return STATUS_OK;
}

status store_open(store_reader **out, const char *path, const char *kind, int version)
{
    TRY(user_block_verify(path, kind, (uint64_t)version, true));
    return open_reader(out, path);
}

status store_open_verified(store_reader **out, const char *path, const char *kind, int version)
{
    TRY(user_block_verify(path, kind, (uint64_t)version, false));
    return open_reader(out, path);
}

void store_close(store_reader *reader)
{
    if (reader == NULL)
        return;
    (void)!io_run(run_close, reader); /* nothing to lose in a file that is read */
    memory_destroy(reader);
}

const char *store_path(const store_reader *reader)
{
    return reader->path;
}

status store_kind(const char *path, char out[32])
{
    user_block block;

    TRY(user_block_read(&block, path));
    memcpy(out, block.kind, USER_BLOCK_KIND);
    return STATUS_OK;
}

/* HDF5 can tell whether a link exists only where its parents do. */
static bool exists(hid_t id, const char *name)
{
    char part[256];
    int used = snprintf(part, sizeof(part), "%s", name);

    if (used < 2 || (size_t)used >= sizeof(part))
        return false;
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        if (H5Lexists(id, part, H5P_DEFAULT) <= 0)
            return false;
        *slash++ = '/';
    }
    return H5Lexists(id, name, H5P_DEFAULT) > 0;
}

static status run_has(void *argument)
{
    request *r = argument;

    r->found = exists(r->reader->id, r->name);
    return STATUS_OK;
}

bool store_has(store_reader *reader, const char *name)
{
    request r = {.reader = reader, .name = name};

    return io_run(run_has, &r) == STATUS_OK && r.found;
}

static status open_set(const store_reader *reader, const char *name, hid_t *out)
{
    if (!exists(reader->id, name))
        return fail(STATUS_FORMAT, "%s: holds no %s", reader->path, name);
    *out = H5Dopen2(reader->id, name, H5P_DEFAULT);
    if (*out < 0)
        return handle_fail(STATUS_FORMAT, reader->path, name, "cannot open");
    return STATUS_OK;
}

static bool find_type(hid_t set, store_type *out)
{
    hid_t type = H5Dget_type(set);
    bool found = false;

    for (store_type t = STORE_FLOAT; !found && t <= STORE_BYTE; t++)
        if (H5Tequal(type, handle_file_type(t)) > 0) {
            *out = t;
            found = true;
        }
    if (!found && H5Tis_variable_str(type) > 0) {
        *out = STORE_STRINGS;
        found = true;
    }
    handle_close(type);
    return found;
}

static bool find_shape(hid_t set, store_shape *out)
{
    hid_t space = H5Dget_space(set);
    hsize_t dims[2] = {0};
    int dimensions = H5Sget_simple_extent_ndims(space);
    bool good = dimensions >= 0 && dimensions <= 2 &&
                H5Sget_simple_extent_dims(space, dims, NULL) >= 0 && find_type(set, &out->type);

    out->dimensions = dimensions;
    out->dims[0] = dims[0];
    out->dims[1] = dims[1];
    handle_close(space);
    return good;
}

status reader_open_set(const store_reader *reader, const char *name, hid_t *set,
                       store_shape *shape)
{
    TRY(open_set(reader, name, set));
    if (find_shape(*set, shape))
        return STATUS_OK;
    handle_close(*set);
    return fail(STATUS_FORMAT, "%s: %s: is of a type or shape that lockstep does not write",
                reader->path, name);
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

status reader_read_hash(const store_reader *reader, const char *name, hid_t set, uint64_t *out)
{
    hid_t attribute = H5Aopen(set, "xxh3", H5P_DEFAULT);
    bool good = attribute >= 0 && H5Aread(attribute, H5T_NATIVE_UINT64, out) >= 0;

    handle_close(attribute);
    return good ? STATUS_OK
                : handle_fail(STATUS_FORMAT, reader->path, name, "cannot read its checksum");
}

status reader_check_hash(const store_reader *reader, const char *name, uint64_t recorded,
                         uint64_t computed)
{
    if (recorded == computed)
        return STATUS_OK;
    return fail(STATUS_FORMAT, "%s: %s: is damaged: its checksum does not match", reader->path,
                name);
}

static status check_shape(const request *r, const store_shape *found)
{
    char have[64], want[64];
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

static status read_part(const request *r, hid_t set, const store_shape *shape)
{
    hsize_t start[2] = {r->first, 0}, count[2] = {r->rows, shape->dims[1]};
    hid_t memory = H5Screate_simple(shape->dimensions, count, NULL);
    hid_t space = H5Dget_space(set);
    bool good = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dread(set, handle_memory_type(shape->type), memory, space, H5P_DEFAULT,
                        r->values) >= 0;
    status result =
        good ? STATUS_OK : handle_fail(STATUS_IO, r->reader->path, r->name, "cannot read");

    handle_close(space);
    handle_close(memory);
    return result;
}

static status run_load_rows(void *argument)
{
    const request *r = argument;
    store_shape found;
    hid_t set;
    status result = STATUS_OK;

    TRY(reader_open_set(r->reader, r->name, &set, &found));
    if (found.dimensions < 1 || found.type == STORE_STRINGS || r->first > found.dims[0] ||
        r->rows > found.dims[0] - r->first)
        result = fail(STATUS_FORMAT,
                      "%s: %s: rows %" PRIu64 " to %" PRIu64 " are wanted of %" PRIu64,
                      r->reader->path, r->name, r->first, r->first + r->rows, found.dims[0]);
    else if (r->rows > 0 && (found.dimensions == 1 || found.dims[1] > 0))
        result = read_part(r, set, &found);
    handle_close(set);
    return result;
}

status store_load_rows(store_reader *reader, const char *name, uint64_t first, uint64_t rows,
                       void *values)
{
    request r = {
        .reader = reader, .name = name, .first = first, .rows = rows, .values = values};

    return io_run(run_load_rows, &r);
}

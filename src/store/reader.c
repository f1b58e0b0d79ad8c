/* reader.c - steps of reading a store: data sets, their shapes and checksums. */
#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "handle.h"

/* HDF5 can tell whether a link exists only where its parents do. */
bool reader_has(const store_reader *reader, const char *name)
{
    char part[256];
    int used = snprintf(part, sizeof(part), "%s", name);

    if (used < 2 || (size_t)used >= sizeof(part))
        return false;
    for (char *slash = part + 1; (slash = strchr(slash, '/')) != NULL;) {
        *slash = '\0';
        if (H5Lexists(reader->id, part, H5P_DEFAULT) <= 0)
            return false;
        *slash++ = '/';
    }
    return H5Lexists(reader->id, name, H5P_DEFAULT) > 0;
}

static status open_set(const store_reader *reader, const char *name, hid_t *out)
{
    if (!reader_has(reader, name))
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
    found = found && H5Tcommitted(type) == 0;
    handle_close(type);
    return found;
}

bool reader_find_shape(hid_t set, store_shape *out)
{
    hid_t space = H5Dget_space(set);
    hsize_t dims[STORE_DIMENSIONS] = {0};
    int dimensions = H5Sget_simple_extent_ndims(space);
    bool good = dimensions >= 0 && dimensions <= STORE_DIMENSIONS &&
                H5Sget_simple_extent_type(space) != H5S_NULL &&
                H5Sget_simple_extent_dims(space, dims, NULL) >= 0 && find_type(set, &out->type);

    out->dimensions = dimensions;
    for (int i = 0; i < STORE_DIMENSIONS; i++)
        out->dims[i] = dims[i];
    handle_close(space);
    return good;
}

status reader_open_set(const store_reader *reader, const char *name, hid_t *set,
                       store_shape *shape)
{
    TRY(open_set(reader, name, set));
    if (reader_find_shape(*set, shape))
        return STATUS_OK;
    handle_close(*set);
    return fail(STATUS_FORMAT, "%s: %s: is of a type or shape that lockstep does not write",
                reader->path, name);
}

/* HDF5 writes as many values as the file has into memory that is meant for one. */
static bool holds_one(hid_t attribute, hid_t type)
{
    hid_t space = H5Aget_space(attribute), found = H5Aget_type(attribute);
    bool good =
        H5Sget_simple_extent_type(space) == H5S_SCALAR && H5Tcommitted(found) == 0 &&
        (H5Tis_variable_str(type) > 0 ? H5Tis_variable_str(found) : H5Tequal(found, type)) > 0;

    handle_close(found);
    handle_close(space);
    return good;
}

status reader_open_attribute(const store_reader *reader, hid_t object, const char *name,
                             hid_t type, hid_t *out)
{
    if (H5Aexists(object, name) <= 0)
        return fail(STATUS_FORMAT, "%s: has no attribute %s", reader->path, name);
    *out = H5Aopen(object, name, H5P_DEFAULT);
    if (*out < 0)
        return handle_fail(STATUS_FORMAT, reader->path, name, "cannot open");
    if (holds_one(*out, type))
        return STATUS_OK;
    handle_close(*out);
    return fail(STATUS_FORMAT,
                "%s: attribute %s: is of a type or shape that lockstep does not "
                "write",
                reader->path, name);
}

status reader_read_hash(const store_reader *reader, const char *name, hid_t set, uint64_t *out)
{
    hid_t attribute = -1;
    status result = reader_open_attribute(reader, set, "xxh3", H5T_STD_U64LE, &attribute);

    if (result != STATUS_OK)
        return fail_context(result, "%s", name);
    if (H5Aread(attribute, H5T_NATIVE_UINT64, out) < 0)
        result = handle_fail(STATUS_FORMAT, reader->path, name, "cannot read its checksum");
    handle_close(attribute);
    return result;
}

status reader_check_hash(const store_reader *reader, const char *name, uint64_t recorded,
                         uint64_t computed)
{
    if (recorded == computed)
        return STATUS_OK;
    return fail(STATUS_FORMAT, "%s: %s: is damaged: its checksum does not match", reader->path,
                name);
}

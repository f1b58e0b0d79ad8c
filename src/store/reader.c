/* reader.c - steps of reading a store: data sets, their shapes and checksums. */
#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "handle.h"

status reader_open_set(const store_reader *reader, const char *name, hid_t *set)
{
    *set = H5Dopen2(reader->id, name, H5P_DEFAULT);
    if (*set < 0)
        return handle_fail(STATUS_FORMAT, reader->path, name, "cannot open");
    return STATUS_OK;
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

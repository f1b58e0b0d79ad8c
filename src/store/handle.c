/* handle.c - small steps on HDF5 handles, for both sides of the store. */
#include "handle.h"

#include <stdio.h>
#include <string.h>

static const size_t sizes[] = {
    [STORE_FLOAT] = 4, [STORE_DOUBLE] = 8, [STORE_INT32] = 4,  [STORE_INT64] = 8,
    [STORE_BYTE] = 1,  [STORE_HALF] = 2,   [STORE_STRINGS] = 0};

void handle_close(hid_t handle)
{
    if (handle < 0)
        return;
    hid_t errors = H5Eget_current_stack();
    H5Idec_ref(handle);
    H5Eset_current_stack(errors);
}

/* HDF5 has a name for it from 1.14.4 on. Made once, as HDF5 makes its own. */
static hid_t half_type(void)
{
    static hid_t made = -1;

    if (made >= 0)
        return made;
    hid_t type = H5Tcopy(H5T_IEEE_F32LE);

    if (H5Tset_fields(type, 15, 10, 5, 0, 10) >= 0 && H5Tset_size(type, 2) >= 0 &&
        H5Tset_ebias(type, 15) >= 0)
        made = type;
    return made;
}

hid_t handle_memory_type(store_type type)
{
    switch (type) {
    case STORE_FLOAT:
        return H5T_NATIVE_FLOAT;
    case STORE_DOUBLE:
        return H5T_NATIVE_DOUBLE;
    case STORE_INT32:
        return H5T_NATIVE_INT32;
    case STORE_INT64:
        return H5T_NATIVE_INT64;
    case STORE_BYTE:
        return H5T_NATIVE_UINT8;
    case STORE_HALF: /* as in the file, so that nothing is converted */
        return half_type();
    case STORE_STRINGS:
        break;
    }
    return -1;
}

hid_t handle_file_type(store_type type)
{
    switch (type) {
    case STORE_FLOAT:
        return H5T_IEEE_F32LE;
    case STORE_DOUBLE:
        return H5T_IEEE_F64LE;
    case STORE_INT32:
        return H5T_STD_I32LE;
    case STORE_INT64:
        return H5T_STD_I64LE;
    case STORE_BYTE:
        return H5T_STD_U8LE;
    case STORE_HALF:
        return half_type();
    case STORE_STRINGS:
        break;
    }
    return -1;
}

hid_t handle_text_type(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);

    if (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        handle_close(type);
        return -1;
    }
    return type;
}

/* The first entry met on the way up is where it began. */
static herr_t copy_reason(unsigned n, const H5E_error2_t *entry, void *out)
{
    if (n == 0 && entry->desc != NULL)
        snprintf(out, 256, "%s", entry->desc);
    return 0;
}

status handle_fail(status code, const char *path, const char *name, const char *action)
{
    char reason[256] = "unknown reason";

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, copy_reason, reason);
    return fail(code, "%s: %s: %s: %s", path, name, action, reason);
}

size_t handle_size(store_type type)
{
    return sizes[type];
}

size_t handle_row(const store_shape *shape)
{
    store_shape row = *shape;

    if (row.dimensions > 0)
        row.dims[0] = 1;
    return handle_bytes(&row);
}

uint64_t handle_piece_rows(const store_shape *shape)
{
    size_t row = handle_row(shape);

    return row == 0 || row > STORE_PIECE ? 1 : STORE_PIECE / row;
}

size_t handle_elements(const store_shape *shape)
{
    size_t count = 1;

    for (int i = 0; i < shape->dimensions; i++)
        CHECK(!__builtin_mul_overflow(count, shape->dims[i], &count));
    return count;
}

size_t handle_bytes(const store_shape *shape)
{
    size_t size;

    CHECK(!__builtin_mul_overflow(handle_elements(shape), sizes[shape->type], &size));
    return size;
}

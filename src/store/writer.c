/* writer.c - steps of writing a store: groups, data sets, attributes. */
#include "writer.h"

#include <stdio.h>
#include <string.h>

#include "handle.h"

status writer_note(store_writer *writer, const char *name, uint64_t hash)
{
    writer_added note = {.hash = hash};

    snprintf(note.name, sizeof(note.name), "%s", name);
    return buffer_add(&writer->added, &note, sizeof(note));
}

bool store_added_hash(const store_writer *writer, const char *name, uint64_t *out)
{
    const writer_added *all = (const writer_added *)(const void *)writer->added.data;

    for (size_t i = 0; i < writer->added.size / sizeof(*all); i++) {
        if (strcmp(all[i].name, name) != 0)
            continue;
        *out = all[i].hash;
        return true;
    }
    return false;
}

status writer_outcome(const store_writer *writer, const char *name, bool good)
{
    if (writer->error != 0)
        return fail(STATUS_IO, "%s: cannot write: %s", writer->file.path,
                    strerror(writer->error));
    if (!good)
        return handle_fail(STATUS_IO, writer->file.path, name, "cannot write");
    return STATUS_OK;
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

hid_t writer_create_set(const store_writer *writer, const char *name, hid_t type,
                        const store_shape *shape)
{
    hsize_t dims[STORE_DIMENSIONS];
    H5D_fill_time_t fill = /* HDF5 wants strings to begin as nothing */
        shape->type == STORE_STRINGS ? H5D_FILL_TIME_IFSET : H5D_FILL_TIME_NEVER;

    if (!make_groups(writer, name))
        return -1;
    for (int i = 0; i < STORE_DIMENSIONS; i++)
        dims[i] = shape->dims[i];
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

bool writer_add_attribute(hid_t object, const char *name, hid_t file_type, hid_t memory_type,
                          const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool good = attribute >= 0 && H5Awrite(attribute, memory_type, value) >= 0;

    handle_close(attribute);
    handle_close(space);
    return good;
}

bool writer_add_hash(hid_t set, uint64_t hash)
{
    return writer_add_attribute(set, "xxh3", H5T_STD_U64LE, H5T_NATIVE_UINT64, &hash);
}

/* reader_list.c - what a file holds, and that it is nothing but what a writer makes.
 *
 * A file may be a stranger's, whose checksum is right and says nothing. HDF5 follows links to
 * other files, reads through filters and files named inside, and believes every size; so a
 * group with anything of that kind is refused before a value of it is read. What is left is
 * groups and contiguous data sets of known types that lie inside the file.
 */
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "reader.h"

/* A checkpoint has "/progress/ranking/steps"; a file of attention seven objects for each of
 * its lines, and nothing else has nearly as many. */
enum { ROOT = 1, DEPTH_MOST = 4, OBJECTS_MOST = 1 << 20, NAME_ROOM = 256 };

/* A string's place: its length, an address and a number within a heap. */
enum { STRING_SIZE = 4 + 8 + 4 };

/* The way to the group that is listed now. */
typedef struct walk {
    store_reader *reader;
    char path[NAME_ROOM];
    size_t used;
    int depth;
    status result;
} walk;

static status refuse(const store_reader *reader, const char *name, const char *what)
{
    return fail(STATUS_FORMAT, "%s: %s: %s, which lockstep does not write", reader->path, name,
                what);
}

/* ---- data sets ---- */

static bool find_type(hid_t set, store_type *out)
{
    hid_t type = H5Dget_type(set);
    bool found = false;

    for (store_type t = STORE_FLOAT; !found && t <= STORE_HALF; t++)
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

static bool find_shape(hid_t set, store_shape *out)
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

static bool is_plain(hid_t creation)
{
    return H5Pget_layout(creation) == H5D_CONTIGUOUS && H5Pget_external_count(creation) == 0 &&
           H5Pget_nfilters(creation) == 0;
}

/* Does all that the shape promises lie in the file? */
static bool is_inside(const store_reader *reader, hid_t set, const store_shape *shape)
{
    hid_t type = H5Dget_type(set);
    hsize_t size = shape->type == STORE_STRINGS ? STRING_SIZE : H5Tget_size(type);
    bool good = true;

    for (int i = 0; i < shape->dimensions; i++)
        good = good && !__builtin_mul_overflow(size, shape->dims[i], &size);
    haddr_t at = size > 0 ? H5Dget_offset(set) : 0;

    handle_close(type);
    return good && H5Dget_storage_size(set) == size && at <= reader->size &&
           size <= reader->size - at;
}

static status check_set(const store_reader *reader, hid_t set, const char *name,
                        store_shape *shape)
{
    hid_t creation = H5Dget_create_plist(set);
    bool plain = is_plain(creation);

    handle_close(creation);
    if (!plain)
        return refuse(reader, name, "is stored in pieces, with a filter or in another file");
    if (!find_shape(set, shape))
        return refuse(reader, name, "is of a type or shape");
    if (!is_inside(reader, set, shape))
        return fail(STATUS_FORMAT, "%s: %s: is larger than what the file holds of it",
                    reader->path, name);
    return STATUS_OK;
}

/* ---- links ---- */

static int count_links(hid_t object)
{
    H5O_info_t info = {.rc = 0};
#if H5_VERSION_GE(1, 12, 0)
    herr_t done = H5Oget_info(object, &info, H5O_INFO_BASIC);
#else
    herr_t done = H5Oget_info2(object, &info, H5O_INFO_BASIC);
#endif

    return done >= 0 ? (int)info.rc : -1;
}

static bool is_name(const char *name)
{
    for (const char *at = name; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || *at == '/')
            return false;
    return *name != '\0';
}

static status add(walk *w, const reader_entry *entry)
{
    buffer *entries = &w->reader->entries;

    TRY(buffer_add(entries, entry, sizeof(*entry)));
    status result = string_table_add(&w->reader->names, w->path, strlen(w->path));
    if (result != STATUS_OK)
        entries->size -= sizeof(*entry);
    return result;
}

static status list_group(walk *w, hid_t group);

static status list_object(walk *w, hid_t object)
{
    store_reader *reader = w->reader;
    reader_entry entry = {.is_group = H5Iget_type(object) == H5I_GROUP};

    if (object < 0)
        return handle_fail(STATUS_FORMAT, reader->path, w->path, "cannot open");
    /* So nothing is met twice, and no group holds itself. */
    if (count_links(object) != 1)
        return refuse(reader, w->path, "has more than one link");
    if (!entry.is_group && H5Iget_type(object) != H5I_DATASET)
        return refuse(reader, w->path, "is neither a group nor a data set");
    if (!entry.is_group)
        TRY(check_set(reader, object, w->path, &entry.shape));
    TRY(add(w, &entry));
    return entry.is_group && w->depth > ROOT ? list_group(w, object) : STATUS_OK;
}

static status list_link(walk *w, hid_t group, const char *name, H5L_type_t type)
{
    size_t room = sizeof(w->path) - w->used;

    if (!is_name(name) || snprintf(w->path + w->used, room, "/%s", name) >= (int)room)
        return refuse(w->reader, "/", "holds a name");
    if (type != H5L_TYPE_HARD)
        return refuse(w->reader, w->path, "is a link to another place or file");
    if (w->reader->names.count >= OBJECTS_MOST)
        return refuse(w->reader, "/", "holds too many objects");
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    status result = list_object(w, object);

    handle_close(object);
    return result;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *user)
{
    walk *w = user;

    w->result = list_link(w, group, name, info->type);
    w->path[w->used] = '\0';
    return w->result == STATUS_OK ? 0 : -1;
}

static status list_group(walk *w, hid_t group)
{
    size_t above = w->used;

    if (++w->depth > DEPTH_MOST)
        return refuse(w->reader, w->path, "lies too deep");
    w->used = strlen(w->path);
    herr_t done = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, w);

    w->used = above;
    w->depth--;
    if (done < 0 && w->result == STATUS_OK)
        return handle_fail(STATUS_FORMAT, w->reader->path, w->path, "cannot list");
    return w->result;
}

static status list(walk *w, const char *name)
{
    hid_t group = H5Gopen2(w->reader->id, name, H5P_DEFAULT);
    status result = group >= 0
                        ? list_group(w, group)
                        : handle_fail(STATUS_FORMAT, w->reader->path, name, "cannot open");

    handle_close(group);
    return result;
}

status reader_list_root(store_reader *reader)
{
    TRY(list(&(walk){.reader = reader}, "/"));
    reader->roots = reader->names.count;
    return STATUS_OK;
}

status reader_list_group(store_reader *reader, size_t number)
{
    walk w = {.reader = reader, .depth = ROOT};
    size_t first = reader->names.count;

    snprintf(w.path, sizeof(w.path), "%s", string_table_at(&reader->names, number));
    TRY(list(&w, w.path));
    reader_entry *entry = reader_entry_at(reader, number);
    entry->first = first;
    entry->end = reader->names.count;
    return STATUS_OK;
}

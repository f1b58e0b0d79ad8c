/* store_copy.c - parts of one store into another. */
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/buffer.h"
#include "lockstep/base/memory.h"
#include "reader.h"

/* From where to where. */
typedef struct copying {
    store_writer *to;
    store_reader *from;
    bool (*wanted)(const char *name);
} copying;

/* ---- data sets ---- */

static status copy_strings(const copying *c, const char *name)
{
    char **strings;
    size_t count;

    TRY(store_load_strings(c->from, name, &strings, &count));
    status result = store_add_strings(c->to, name, (const char *const *)strings, count);
    memory_destroy(strings);
    return result;
}

static status copy_values(const copying *c, const char *name, const store_shape *shape)
{
    size_t bytes = handle_bytes(shape);
    void *values = memory_create(bytes, 1);

    if (values == NULL)
        return fail(STATUS_NOMEM, "%s: %s: no memory for %zu bytes", c->from->path, name,
                    bytes);
    status result = store_load(c->from, name, *shape, values);
    if (result == STATUS_OK)
        result = store_add(c->to, name, *shape, values);
    memory_destroy(values);
    return result;
}

static status copy_set(void *user, const char *name, const store_shape *shape)
{
    const copying *c = user;

    if (!c->wanted(name))
        return STATUS_OK;
    return shape->type == STORE_STRINGS ? copy_strings(c, name) : copy_values(c, name, shape);
}

/* ---- attributes ---- */

enum { ATTRIBUTE_TEXT = 't', ATTRIBUTE_NUMBER = 'n' };

/* What a call asks of the I/O thread: of each attribute, what it is, its name and a 0. */
typedef struct listing {
    const store_reader *reader;
    buffer names;
    status result;
} listing;

static herr_t list_attribute(hid_t root, const char *name, const H5A_info_t *info, void *user)
{
    listing *l = user;
    hid_t attribute = H5Aopen(root, name, H5P_DEFAULT), type = H5Aget_type(attribute);
    H5T_class_t class = H5Tget_class(type);
    char kind = class == H5T_STRING ? ATTRIBUTE_TEXT : ATTRIBUTE_NUMBER;

    (void)info;
    handle_close(type);
    handle_close(attribute);
    l->result = class == H5T_STRING || class == H5T_INTEGER
                    ? buffer_add(&l->names, &kind, 1)
                    : handle_fail(STATUS_FORMAT, l->reader->path, name, "cannot read");
    if (l->result == STATUS_OK)
        l->result = buffer_add(&l->names, name, strlen(name) + 1);
    return l->result == STATUS_OK ? 0 : -1;
}

static status run_list_attributes(void *argument)
{
    listing *l = argument;
    herr_t done =
        H5Aiterate2(l->reader->id, H5_INDEX_NAME, H5_ITER_INC, NULL, list_attribute, l);

    if (l->result != STATUS_OK || done >= 0)
        return l->result;
    return handle_fail(STATUS_FORMAT, l->reader->path, "/", "cannot list the attributes");
}

static status copy_attribute(const copying *c, char kind, const char *name)
{
    int64_t number;
    char *text;

    if (kind == ATTRIBUTE_NUMBER) {
        TRY(store_load_number(c->from, name, &number));
        return store_add_number(c->to, name, number);
    }
    TRY(store_load_text(c->from, name, &text));
    status result = store_add_text(c->to, name, text);
    memory_destroy(text);
    return result;
}

static status copy_attributes(const copying *c)
{
    listing l = {.reader = c->from};
    status result = io_run(run_list_attributes, &l);

    for (size_t at = 0; result == STATUS_OK && at < l.names.size;) {
        const char *name = l.names.data + at + 1;

        if (c->wanted(name))
            result = copy_attribute(c, l.names.data[at], name);
        at += 1 + strlen(name) + 1;
    }
    buffer_free(&l.names);
    return result;
}

status store_copy(store_writer *to, store_reader *from, bool (*wanted)(const char *name))
{
    copying c = {to, from, wanted};

    TRY(copy_attributes(&c));
    return store_walk(from, "/", copy_set, &c);
}

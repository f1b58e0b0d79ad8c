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
        [STORE_FLOAT] = "float",     [STORE_DOUBLE] = "double", [STORE_INT32] = "int32",
        [STORE_INT64] = "int64",     [STORE_BYTE] = "byte",     [STORE_HALF] = "half",
        [STORE_STRINGS] = "strings",
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

bool store_has(store_reader *reader, const char *name)
{
    int32_t number;

    return reader_find(reader, name, &number) != STATUS_OK || number >= 0;
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

status store_shape_of(store_reader *reader, const char *name, store_shape *out)
{
    return reader_find_set(reader, name, out);
}

/* ---- all that a group holds ---- */

typedef struct walk {
    store_reader *reader;
    const char *group;
    status (*visit)(void *user, const char *name, const store_shape *shape);
    void *user;
} walk;

static bool is_below(const char *name, const char *group)
{
    size_t size = strlen(group);

    return strcmp(group, "/") == 0 || (strncmp(name, group, size) == 0 && name[size] == '/');
}

/* The visitor may have more listed, which moves names. */
static status visit_one(const walk *w, size_t number)
{
    const reader_entry entry = *reader_entry_at(w->reader, number);
    char name[256];

    snprintf(name, sizeof(name), "%s", string_table_at(&w->reader->names, number));
    return entry.is_group || !is_below(name, w->group) ? STATUS_OK
                                                       : w->visit(w->user, name, &entry.shape);
}

static status visit_root(const walk *w, size_t number)
{
    TRY(visit_one(w, number));
    TRY(reader_list_once(w->reader, number));
    const reader_entry entry = *reader_entry_at(w->reader, number);
    for (size_t i = entry.first; i < entry.end; i++)
        TRY(visit_one(w, i));
    return STATUS_OK;
}

status store_walk(store_reader *reader, const char *group,
                  status (*visit)(void *user, const char *name, const store_shape *shape),
                  void *user)
{
    const walk w = {reader, group, visit, user};
    size_t first = 0, end = reader->roots;

    if (strcmp(group, "/") != 0) {
        int32_t root = string_table_find(&reader->names, group, 1 + strcspn(group + 1, "/"));

        first = root < 0 ? 0 : (size_t)root;
        end = root < 0 ? 0 : first + 1;
    }
    for (size_t i = first; i < end; i++)
        TRY(visit_root(&w, i));
    return STATUS_OK;
}

/* tensor_list.c - what a store holds, every tensor checked. */
#include "tensor_list.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"

typedef struct walk {
    tensor_list *list;
    store_reader *reader;
} walk;

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [STORE_FLOAT] = {"float", sizeof(float)},
    [STORE_DOUBLE] = {"double", sizeof(double)},
    [STORE_INT32] = {"int32", sizeof(int32_t)},
    [STORE_INT64] = {"int64", sizeof(int64_t)},
    [STORE_BYTE] = {"byte", 1},
    [STORE_HALF] = {"half", sizeof(uint16_t)},
    [STORE_STRINGS] = {"string", 0},
};

static size_t elements_of(const store_shape *shape)
{
    size_t count = 1;

    for (int i = 0; i < shape->dimensions; i++)
        count *= shape->dims[i];
    return count;
}

static status check_strings(store_reader *reader, const char *name)
{
    char **strings;
    size_t count;

    TRY(store_load_strings(reader, name, &strings, &count));
    memory_destroy(strings);
    return STATUS_OK;
}

/* To read it whole is to check it. */
static status check_values(store_reader *reader, const char *name, const store_shape *shape)
{
    void *values = memory_create(elements_of(shape), types[shape->type].bytes);

    if (values == NULL)
        return fail(STATUS_NOMEM, "%s: %s: no memory to check it", store_path(reader), name);
    status result = store_load(reader, name, *shape, values);
    memory_destroy(values);
    return result;
}

static status add_tensor(void *user, const char *name, const store_shape *shape)
{
    const walk *w = user;
    tensor_entry entry = {.shape = *shape};

    if (stop_signal() != 0)
        return fail(STATUS_STOPPED, "%s: stopped by a signal", store_path(w->reader));
    snprintf(entry.name, sizeof(entry.name), "%s", name);
    TRY(shape->type == STORE_STRINGS ? check_strings(w->reader, name)
                                     : check_values(w->reader, name, shape));
    w->list->count++;
    return buffer_add(&w->list->entries, &entry, sizeof(entry));
}

status tensor_list_load(tensor_list *out, store_reader *reader)
{
    walk w = {.list = out, .reader = reader};

    return store_walk(reader, "/", add_tensor, &w);
}

void tensor_list_free(tensor_list *list)
{
    buffer_free(&list->entries);
    list->count = 0;
}

const tensor_entry *tensor_list_at(const tensor_list *list, int i)
{
    CHECK(i >= 0 && i < list->count);
    return (const tensor_entry *)(const void *)list->entries.data + i;
}

int64_t tensor_list_elements(const tensor_list *list, const char *prefix)
{
    int64_t sum = 0;

    for (int i = 0; i < list->count; i++) {
        const tensor_entry *entry = tensor_list_at(list, i);

        if (strncmp(entry->name, prefix, strlen(prefix)) == 0)
            sum += (int64_t)elements_of(&entry->shape);
    }
    return sum;
}

const char *tensor_type_name(store_type type)
{
    return types[type].name;
}

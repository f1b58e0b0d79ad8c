/* tensors.c - a slab of floats as the tensors of a store. */
#include "tensors.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"

enum { NAME_SIZE = PARAMETER_NAME + 64 };

static store_shape shape_of(const parameter *tensor)
{
    uint64_t rows = (uint64_t)tensor->rows, cols = (uint64_t)tensor->cols;

    if (tensor->dimensions == 1)
        return (store_shape){STORE_FLOAT, 1, {cols, 0}};
    return (store_shape){STORE_FLOAT, 2, {rows, cols}};
}

static void name_of(char out[NAME_SIZE], const char *group, const parameter *tensor)
{
    snprintf(out, NAME_SIZE, "%s/%s", group, tensor->name);
}

status tensors_save(const parameters *p, const float *slab, const char *group,
                    store_writer *writer)
{
    char name[NAME_SIZE];

    for (int i = 0; i < p->count; i++) {
        name_of(name, group, &p->list[i]);
        TRY(store_add(writer, name, shape_of(&p->list[i]), slab + p->list[i].first));
    }
    return STATUS_OK;
}

status tensors_load(const parameters *p, float *slab, const char *group, store_reader *reader)
{
    size_t count = (size_t)p->count;
    char(*names)[NAME_SIZE] = memory_create(count, sizeof(*names));
    store_tensor *list = memory_create(count, sizeof(*list));
    status result = STATUS_OK;

    if (names == NULL || list == NULL)
        result = fail(STATUS_NOMEM, "%s: no memory to read it", store_path(reader));
    for (size_t i = 0; result == STATUS_OK && i < count; i++) {
        name_of(names[i], group, &p->list[i]);
        list[i] = (store_tensor){names[i], shape_of(&p->list[i]), slab + p->list[i].first};
    }
    if (result == STATUS_OK)
        result = store_load_all(reader, list, count);
    memory_destroy(list);
    memory_destroy(names);
    return result;
}

static bool same_shape(const store_shape *a, const store_shape *b)
{
    bool same = a->type == b->type && a->dimensions == b->dimensions;

    for (int i = 0; same && i < a->dimensions; i++)
        same = a->dims[i] == b->dims[i];
    return same;
}

static status check_one(const parameter *tensor, const char *group, store_reader *reader)
{
    char name[NAME_SIZE], theirs[STORE_SHAPE_TEXT], ours[STORE_SHAPE_TEXT];
    store_shape want = shape_of(tensor), have;

    name_of(name, group, tensor);
    if (!store_has(reader, name))
        return fail(STATUS_FORMAT,
                    "%s: is another model's: it holds no %s; compare the model keys of both "
                    "configurations",
                    store_path(reader), name);
    TRY(store_shape_of(reader, name, &have));
    if (same_shape(&want, &have))
        return STATUS_OK;
    store_shape_text(&have, theirs);
    store_shape_text(&want, ours);
    return fail(STATUS_FORMAT,
                "%s: is another model's: its %s is %s, this model's is %s; compare "
                "model.width, the other model keys and the vocabularies of both "
                "configurations",
                store_path(reader), name, theirs, ours);
}

/* What a walk over the store looks for. */
typedef struct search {
    const parameters *p;
    const char *group;
    const char *path;
    const char *const *passed; /* beginnings of names that p need not have; NULL: none */
} search;

static bool is_passed(const search *looking, const char *name)
{
    for (int i = 0; looking->passed != NULL && looking->passed[i] != NULL; i++)
        if (strncmp(name, looking->passed[i], strlen(looking->passed[i])) == 0)
            return true;
    return false;
}

static status check_known(void *user, const char *name, const store_shape *shape)
{
    const search *looking = user;
    const char *own = name + strlen(looking->group) + 1;

    (void)shape;
    if (parameters_find(looking->p, own) >= 0 || is_passed(looking, own))
        return STATUS_OK;
    return fail(STATUS_FORMAT,
                "%s: is another model's: it holds %s, which this model lacks; compare the "
                "model keys of both configurations",
                looking->path, name);
}

status tensors_check(const parameters *p, const char *group, store_reader *reader,
                     const char *const *passed)
{
    search looking = {p, group, store_path(reader), passed};

    for (int i = 0; i < p->count; i++)
        TRY(check_one(&p->list[i], group, reader));
    return store_walk(reader, group, check_known, &looking);
}

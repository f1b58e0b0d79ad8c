/* vocabularies.c - the vocabularies of a run in a file. */
#include "lockstep/data/vocabularies.h"

#include <stdio.h>

#include "lockstep/base/memory.h"

enum { NAME_MAX_SIZE = 64 };

typedef struct names {
    char kind[NAME_MAX_SIZE], symbols[NAME_MAX_SIZE], model[NAME_MAX_SIZE];
} names;

static names names_of(const char *side)
{
    names made;

    snprintf(made.kind, sizeof(made.kind), "%s_vocabulary", side);
    snprintf(made.symbols, sizeof(made.symbols), "/vocabulary/%s/symbols", side);
    snprintf(made.model, sizeof(made.model), "/vocabulary/%s/model", side);
    return made;
}

static status save_symbols(const vocabulary *side, const char *name, store_writer *writer)
{
    size_t count = (size_t)vocabulary_size(side);
    const char **list = memory_create(count, sizeof(*list));

    if (list == NULL)
        return fail(STATUS_NOMEM, "no memory to save %zu symbols", count);
    for (size_t i = 0; i < count; i++)
        list[i] = vocabulary_symbol(side, (int)i);
    status result = store_add_strings(writer, name, list, count);

    memory_destroy(list);
    return result;
}

static status save_side(const vocabulary *side, const names *at, store_writer *writer)
{
    size_t size;
    const void *model = vocabulary_model(side, &size);

    TRY(save_symbols(side, at->symbols, writer));
    if (model == NULL)
        return STATUS_OK;
    const store_shape shape = {.type = STORE_BYTE, .dimensions = 1, .dims = {size}};

    return store_add(writer, at->model, shape, model);
}

status vocabularies_save(const vocabularies *self, store_writer *writer)
{
    const names source = names_of("source"), target = names_of("target");

    TRY(store_add_number(writer, "joint", self->source == self->target));
    TRY(store_add_number(writer, source.kind, vocabulary_kind_of(self->source)));
    TRY(store_add_number(writer, target.kind, vocabulary_kind_of(self->target)));
    TRY(save_side(self->source, &source, writer));
    return save_side(self->target, &target, writer);
}

static status load_symbols(vocabulary **out, vocabulary_kind kind, const char *name,
                           store_reader *reader)
{
    char **list;
    size_t count;

    TRY(store_load_strings(reader, name, &list, &count));
    status result = vocabulary_load(out, kind, (const char *const *)list, count, NULL, 0);

    memory_destroy(list);
    return result;
}

static status load_model(vocabulary **out, const char *name, store_reader *reader)
{
    store_shape shape;

    TRY(store_shape_of(reader, name, &shape));
    unsigned char *bytes = memory_create(shape.dims[0], 1);

    if (bytes == NULL)
        return fail(STATUS_NOMEM, "no memory for a vocabulary");
    status result = store_load(reader, name, shape, bytes);

    if (result == STATUS_OK)
        result = vocabulary_load(out, VOCABULARY_SENTENCEPIECE, NULL, 0, bytes, shape.dims[0]);
    memory_destroy(bytes);
    return result;
}

static status load_side(vocabulary **out, const names *at, store_reader *reader)
{
    int64_t kind;
    status result;

    TRY(store_load_number(reader, at->kind, &kind));
    if (kind == VOCABULARY_SENTENCEPIECE)
        result = load_model(out, at->model, reader);
    else if (kind == VOCABULARY_CHARACTERS || kind == VOCABULARY_WORDS)
        result = load_symbols(out, (vocabulary_kind)kind, at->symbols, reader);
    else
        result = fail(STATUS_FORMAT, "no such kind of vocabulary: %lld", (long long)kind);
    return result == STATUS_OK ? result : fail_context(result, "%s", store_path(reader));
}

status vocabularies_load(vocabularies *out, store_reader *reader)
{
    const names source = names_of("source"), target = names_of("target");
    int64_t joint;

    *out = (vocabularies){0};
    TRY(store_load_number(reader, "joint", &joint));
    TRY(load_side(&out->source, &source, reader));
    if (joint) {
        out->target = out->source;
        return STATUS_OK;
    }
    status result = load_side(&out->target, &target, reader);

    if (result != STATUS_OK)
        vocabularies_free(out);
    return result;
}

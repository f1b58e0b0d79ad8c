/* sides.c - what the two sides are made of: in a file, and at work. */
#include "lockstep/data/sides.h"

#include <stdio.h>

#include "lockstep/base/memory.h"
#include "sides_audio.h"
#include "sides_copy.h"

enum { NAME_MAX_SIZE = 64 };

typedef struct names {
    char kind[NAME_MAX_SIZE], symbols[NAME_MAX_SIZE], model[NAME_MAX_SIZE];
} names;

static names names_of(int which)
{
    const char *side = side_name((dataset_side)which);
    names made;

    snprintf(made.kind, sizeof(made.kind), "%s_vocabulary", side);
    snprintf(made.symbols, sizeof(made.symbols), "/vocabulary/%s/symbols", side);
    snprintf(made.model, sizeof(made.model), "/vocabulary/%s/model", side);
    return made;
}

/* How many sides, from the first, have a vocabulary of their own. */
static int own(bool joint)
{
    return joint ? 1 : SIDES;
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

static status save_tags(const sides *self, store_writer *writer)
{
    if (self->task != TASK_TAG)
        return STATUS_OK;
    TRY(store_add_number(writer, "tags", 1));
    return self->continuation == NULL
               ? STATUS_OK
               : store_add_text(writer, "continuation", self->continuation);
}

/* The first side that has a vocabulary. */
static int first_of_text(const sides *self)
{
    return sides_are_audio(self, SIDE_SOURCE) ? SIDE_TARGET : SIDE_SOURCE;
}

status sides_save(const sides *self, store_writer *writer)
{
    int first = first_of_text(self);

    TRY(store_add_number(writer, "joint", sides_are_joint(self)));
    if (first != SIDE_SOURCE)
        TRY(sides_audio_save(self, writer));
    if (vocabulary_has_mask(self->vocabularies[SIDE_TARGET]))
        TRY(store_add_number(writer, "mask", 1));
    TRY(save_tags(self, writer));
    if (self->copies)
        TRY(store_add_number(writer, "copy", 1));
    for (int side = first; side < SIDES; side++)
        TRY(store_add_number(writer, names_of(side).kind,
                             vocabulary_kind_of(self->vocabularies[side])));
    for (int side = first; side < SIDES; side++) {
        const names at = names_of(side);
        TRY(save_side(self->vocabularies[side], &at, writer));
    }
    return STATUS_OK;
}

static status load_symbols(vocabulary **out, vocabulary_kind kind, const char *name, bool mask,
                           store_reader *reader)
{
    char **list;
    size_t count;

    TRY(store_load_strings(reader, name, &list, &count));
    status result = vocabulary_load(out, kind, (const char *const *)list, count, NULL, 0, mask);

    memory_destroy(list);
    return result;
}

static status load_model(vocabulary **out, const char *name, bool mask, store_reader *reader)
{
    store_shape shape;

    TRY(store_shape_of(reader, name, &shape));
    if (shape.type != STORE_BYTE || shape.dimensions != 1)
        return fail(STATUS_FORMAT, "%s: is not a model's bytes", name);
    unsigned char *bytes = memory_create(shape.dims[0], 1);

    if (bytes == NULL)
        return fail(STATUS_NOMEM, "no memory for a vocabulary");
    status result = store_load(reader, name, shape, bytes);

    if (result == STATUS_OK)
        result =
            vocabulary_load(out, VOCABULARY_SENTENCEPIECE, NULL, 0, bytes, shape.dims[0], mask);
    memory_destroy(bytes);
    return result;
}

static status load_side(vocabulary **out, const names *at, bool mask, store_reader *reader)
{
    int64_t kind;
    status result;

    TRY(store_load_number(reader, at->kind, &kind));
    if (kind == VOCABULARY_SENTENCEPIECE)
        result = load_model(out, at->model, mask, reader);
    else if (kind == VOCABULARY_CHARACTERS || kind == VOCABULARY_WORDS ||
             kind == VOCABULARY_LINES)
        result = load_symbols(out, (vocabulary_kind)kind, at->symbols, mask, reader);
    else
        result = fail(STATUS_FORMAT, "no such kind of vocabulary: %lld", (long long)kind);
    return result == STATUS_OK ? result : fail_context(result, "%s", store_path(reader));
}

/* What the target is. */
static status load_task(sides *out, store_reader *reader)
{
    int64_t tags = 0;

    if (!sides_are_audio(out, SIDE_SOURCE) &&
        vocabulary_kind_of(out->vocabularies[SIDE_SOURCE]) == VOCABULARY_LINES)
        return fail(STATUS_FORMAT, "%s: its sources are labels", store_path(reader));
    if (vocabulary_kind_of(out->vocabularies[SIDE_TARGET]) == VOCABULARY_LINES)
        out->task = TASK_LABEL;
    if (store_has_attribute(reader, "tags"))
        TRY(store_load_number(reader, "tags", &tags));
    if (tags == 0)
        return STATUS_OK;
    out->task = TASK_TAG;
    if (sides_are_joint(out) || sides_are_audio(out, SIDE_SOURCE) ||
        vocabulary_kind_of(out->vocabularies[SIDE_TARGET]) != VOCABULARY_WORDS)
        return fail(STATUS_FORMAT, "%s: its tags are not words", store_path(reader));
    return store_has_attribute(reader, "continuation")
               ? store_load_text(reader, "continuation", &out->continuation)
               : STATUS_OK;
}

static status load_all(sides *out, store_reader *reader)
{
    int64_t joint, mask = 0, copy = 0;

    TRY(store_load_number(reader, "joint", &joint));
    TRY(sides_audio_load(out, joint != 0, reader));
    if (store_has_attribute(reader, "mask"))
        TRY(store_load_number(reader, "mask", &mask));
    if (store_has_attribute(reader, "copy"))
        TRY(store_load_number(reader, "copy", &copy));
    for (int side = first_of_text(out); side < own(joint != 0); side++) {
        const names at = names_of(side);
        bool target = side == own(joint != 0) - 1;
        TRY(load_side(&out->vocabularies[side], &at, target && mask != 0, reader));
    }
    for (int side = own(joint != 0); side < SIDES; side++)
        out->vocabularies[side] = out->vocabularies[0];
    out->copies = copy != 0;
    TRY(load_task(out, reader));
    return sides_check_copies(out);
}

status sides_load(sides *out, store_reader *reader)
{
    *out = (sides){0};
    status result = load_all(out, reader);

    if (result != STATUS_OK)
        sides_free(out);
    return result;
}

void sides_free(sides *self)
{
    if (sides_are_joint(self))
        self->vocabularies[SIDE_TARGET] = NULL;
    for (int side = 0; side < SIDES; side++)
        vocabulary_destroy(self->vocabularies[side]);
    memory_destroy(self->continuation);
    audio_features_destroy(self->features);
    *self = (sides){0};
}

status sides_check(const sides *self, const config *c)
{
    bool wanted = c->model.decoder_input == DECODER_INPUT_MASK;
    bool audio = c->data.source.kind == INPUT_AUDIO;

    if (sides_are_audio(self, SIDE_SOURCE) != audio)
        return fail(STATUS_FORMAT, "its source is %s, but its data.source.kind is not",
                    audio ? "text" : "audio");
    if (self->task != c->model.task)
        return fail(STATUS_FORMAT, "its targets are those of task %s, its model.task is %s",
                    config_word("model.task", self->task),
                    config_word("model.task", c->model.task));
    if (self->copies != (c->model.copy != 0))
        return fail(STATUS_FORMAT,
                    "words of the source are %s numbers there, which its "
                    "model.copy %s",
                    self->copies ? "given" : "not given",
                    self->copies ? "does not use" : "needs");
    if (vocabulary_has_mask(self->vocabularies[SIDE_TARGET]) == wanted)
        return STATUS_OK;
    return fail(STATUS_FORMAT,
                "the target's vocabulary has %s <mask>, which its "
                "model.decoder_input %s",
                wanted ? "no" : "a", wanted ? "needs" : "does not use");
}

element sides_element(const sides *self, dataset_side side)
{
    if (sides_are_audio(self, side))
        return (element){ELEMENT_FRAME, self->audio.stack * self->audio.mels};
    CHECK(self->vocabularies[side] != NULL);
    return (element){.kind = ELEMENT_SYMBOL};
}

bool sides_are_audio(const sides *self, dataset_side side)
{
    return side == SIDE_SOURCE && self->features != NULL;
}

int sides_symbols(const sides *self, dataset_side side)
{
    return sides_are_audio(self, side) ? 0 : vocabulary_size(self->vocabularies[side]);
}

bool sides_are_joint(const sides *self)
{
    return self->vocabularies[SIDE_SOURCE] == self->vocabularies[SIDE_TARGET];
}

const vocabulary *sides_vocabulary(const sides *self, dataset_side side)
{
    return self->vocabularies[side];
}

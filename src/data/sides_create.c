/* sides_create.c - the sides' vocabularies, learnt from the training text. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/sides.h"
#include "lockstep/data/text_crew.h"
#include "sides_learn.h"
#include "text_reading.h"

static const config_side *config_of(const config *c, int side)
{
    return side == SIDE_SOURCE ? &c->data.source : &c->data.target;
}

/* How many sides, from the first, have a vocabulary of their own. */
static int own(const config *c)
{
    return c->model.task == TASK_GENERATE && c->data.vocabulary == VOCABULARIES_JOINT ? 1
                                                                                      : SIDES;
}

static vocabulary_kind kind_of(const config_side *side)
{
    switch (side->vocabulary) {
    case SYMBOL_CHARACTERS:
        return VOCABULARY_CHARACTERS;
    case SYMBOL_WORDS:
        return VOCABULARY_WORDS;
    default:
        return VOCABULARY_SENTENCEPIECE;
    }
}

static bool is_audio(const config *c, int side)
{
    return config_of(c, side)->kind == INPUT_AUDIO;
}

/* Labels and tags are not described: all are kept as they are. */
static bool is_classes(const config *c, int side)
{
    return c->model.task != TASK_GENERATE && side == SIDE_TARGET;
}

static bool has_model(const config *c, int side)
{
    const config_side *of = config_of(c, side);

    return !is_classes(c, side) && of->vocabulary == SYMBOL_SENTENCEPIECE && of->model != NULL;
}

/* What SentencePiece cannot do with a size is the size's fault. */
static status blame(status result, int side)
{
    const char *name = side_name((dataset_side)side);

    if (result == STATUS_CONFIG)
        return fail_context(result, "data.%s.size", name);
    return result == STATUS_OK ? result : fail_context(result, "data.%s", name);
}

/* <mask> is for the decoder, so in the target's vocabulary, which may be the source's too. */
static bool has_mask(const config *c, int side)
{
    return c->model.decoder_input == DECODER_INPUT_MASK && side >= own(c) - 1;
}

static vocabulary_settings settings_of(const config *c, int which)
{
    const config_side *side = config_of(c, which);

    if (is_classes(c, which))
        return (vocabulary_settings){.kind = c->model.task == TASK_LABEL ? VOCABULARY_LINES
                                                                         : VOCABULARY_WORDS,
                                     .minimum_count = 1};
    return (vocabulary_settings){.kind = kind_of(side),
                                 .size = side->size,
                                 .minimum_count = side->minimum_count,
                                 .unigram = side->algorithm == SENTENCEPIECE_UNIGRAM,
                                 .mask = has_mask(c, which),
                                 .symbols = side->symbols};
}

static status begin_side(vocabulary_builder **out, const config *c, int side)
{
    const vocabulary_settings settings = settings_of(c, side);

    return is_audio(c, side) || has_model(c, side) ? STATUS_OK
                                                   : vocabulary_builder_create(out, &settings);
}

status sides_learning_begin(sides_learning *out, const config *c)
{
    for (int side = 0; side < own(c); side++)
        TRY(blame(begin_side(&out->of[side], c, side), side));
    for (int side = own(c); side < SIDES; side++)
        out->of[side] = out->of[0];
    return STATUS_OK;
}

void sides_learning_end(sides_learning *self)
{
    if (self->of[SIDE_TARGET] != self->of[SIDE_SOURCE])
        vocabulary_builder_destroy(self->of[SIDE_TARGET]);
    vocabulary_builder_destroy(self->of[SIDE_SOURCE]);
    *self = (sides_learning){0};
}

status sides_begin(sides *out, const config *c)
{
    const char *mark = c->data.source.continuation;

    *out = (sides){0};
    out->task = c->model.task;
    if (c->model.task != TASK_TAG || mark == NULL || *mark == '\0')
        return STATUS_OK;
    out->continuation = memory_copy_text(mark);
    return out->continuation != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for a mark");
}

static status take_counted(void *user, const char *reply, size_t size)
{
    return sides_learning_keep(user, reply, size);
}

/* What all members have counted. */
static status merge_all(sides_learning *to, const text_crew *crew)
{
    buffer saved = {0};
    status result = crew->collect(crew->context, &saved);

    if (result == STATUS_OK)
        result = sides_learning_merge(to, saved.data, saved.size);
    buffer_free(&saved);
    return result;
}

static status read_training(sides_learning *to, const sides *by, const config *c,
                            const text_crew *crew)
{
    const text_reading reading = {.crew = crew,
                                  .files = &c->data.train,
                                  .sides = by,
                                  .order = {TEXT_COUNT, SPLIT_TRAIN},
                                  .name = "vocabulary",
                                  .take = take_counted,
                                  .user = to};

    if (to->of[SIDE_SOURCE] == NULL && to->of[SIDE_TARGET] == NULL)
        return STATUS_OK;
    status result = text_reading_run(&reading);

    if (result == STATUS_OK)
        result = merge_all(to, crew);
    return result == STATUS_OK ? result : fail_context(result, "data.train");
}

static status finish_side(vocabulary **out, vocabulary_builder *builder, const config *c,
                          int side)
{
    if (is_audio(c, side))
        return STATUS_OK;
    if (has_model(c, side))
        return vocabulary_load_model(out, config_of(c, side)->model, has_mask(c, side));
    TRY(vocabulary_build(out, builder));
    if (is_classes(c, side) && vocabulary_size(*out) == TOKEN_SPECIALS)
        return fail(STATUS_INPUT, "data.train has no %s, so there is nothing to learn",
                    c->model.task == TASK_LABEL ? "label" : "tag");
    return STATUS_OK;
}

static status finish(sides *out, const sides_learning *from, const config *c)
{
    for (int side = 0; side < own(c); side++)
        TRY(blame(finish_side(&out->vocabularies[side], from->of[side], c, side), side));
    for (int side = own(c); side < SIDES; side++)
        out->vocabularies[side] = out->vocabularies[0];
    return STATUS_OK;
}

static status create_audio(sides *out, const config_side *side)
{
    out->audio = audio_settings_of(side);
    return audio_features_create(&out->features, &out->audio);
}

status sides_create(sides *out, const config *c, const text_crew *crew)
{
    sides_learning used = {0};
    status result = sides_begin(out, c);

    if (result == STATUS_OK)
        result = sides_learning_begin(&used, c);
    if (result == STATUS_OK && is_audio(c, SIDE_SOURCE))
        result = create_audio(out, &c->data.source);
    if (result == STATUS_OK)
        result = read_training(&used, out, c, crew);
    if (result == STATUS_OK)
        result = finish(out, &used, c);
    out->copies = c->model.copy != 0;
    sides_learning_end(&used);
    if (result != STATUS_OK)
        sides_free(out);
    return result;
}

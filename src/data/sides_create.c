/* sides_create.c - the sides' vocabularies, learnt from the training text. */
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/sides.h"

/* One for each side that is learnt; when joint both are the same object. */
typedef struct builders {
    vocabulary_builder *of[SIDES];
} builders;

static const config_side *config_of(const config *c, int side)
{
    return side == SIDE_SOURCE ? &c->data.source : &c->data.target;
}

/* How many sides, from the first, have a vocabulary of their own. */
static int own(const config *c)
{
    return c->data.vocabulary == VOCABULARIES_JOINT ? 1 : SIDES;
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

static bool has_model(const config_side *side)
{
    return side->vocabulary == SYMBOL_SENTENCEPIECE && side->model != NULL;
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

static status begin_side(vocabulary_builder **out, const config_side *side, bool mask)
{
    const vocabulary_settings settings = {.kind = kind_of(side),
                                          .size = side->size,
                                          .minimum_count = side->minimum_count,
                                          .unigram = side->algorithm == SENTENCEPIECE_UNIGRAM,
                                          .mask = mask,
                                          .symbols = side->symbols};

    return has_model(side) ? STATUS_OK : vocabulary_builder_create(out, &settings);
}

static status begin(builders *out, const config *c)
{
    for (int side = 0; side < own(c); side++)
        TRY(blame(begin_side(&out->of[side], config_of(c, side), has_mask(c, side)), side));
    for (int side = own(c); side < SIDES; side++)
        out->of[side] = out->of[0];
    return STATUS_OK;
}

static void end(builders *used)
{
    if (used->of[SIDE_TARGET] != used->of[SIDE_SOURCE])
        vocabulary_builder_destroy(used->of[SIDE_TARGET]);
    vocabulary_builder_destroy(used->of[SIDE_SOURCE]);
}

static status add_line(vocabulary_builder *builder, const corpus_line *line)
{
    return builder == NULL ? STATUS_OK
                           : vocabulary_builder_add(builder, line->text, line->size);
}

static status read_pairs(builders *to, corpus *from)
{
    corpus_line lines[SIDES];
    bool last;

    for (int64_t pairs = 1;; pairs++) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(corpus_next(from, lines, &last));
        if (last)
            return STATUS_OK;
        log_progress("vocabulary: %lld pairs", (long long)pairs);
        if (lines[SIDE_SOURCE].size == 0 || lines[SIDE_TARGET].size == 0)
            continue;
        for (int side = 0; side < SIDES; side++)
            TRY(add_line(to->of[side], &lines[side]));
    }
}

static status read_training(builders *to, const config *c)
{
    corpus *from;

    if (to->of[SIDE_SOURCE] == NULL && to->of[SIDE_TARGET] == NULL)
        return STATUS_OK;
    status result = corpus_open(&from, &c->data.train);

    if (result == STATUS_OK)
        result = read_pairs(to, from);
    corpus_close(from);
    return result == STATUS_OK ? result : fail_context(result, "data.train");
}

static status finish_side(vocabulary **out, vocabulary_builder *builder,
                          const config_side *side, bool mask)
{
    if (has_model(side))
        return vocabulary_load_model(out, side->model, mask);
    return vocabulary_build(out, builder);
}

static status finish(sides *out, const builders *from, const config *c)
{
    for (int side = 0; side < own(c); side++)
        TRY(blame(finish_side(&out->vocabularies[side], from->of[side], config_of(c, side),
                              has_mask(c, side)),
                  side));
    for (int side = own(c); side < SIDES; side++)
        out->vocabularies[side] = out->vocabularies[0];
    return STATUS_OK;
}

status sides_create(sides *out, const config *c)
{
    builders used = {0};
    status result = begin(&used, c);

    *out = (sides){0};
    if (result == STATUS_OK)
        result = read_training(&used, c);
    if (result == STATUS_OK)
        result = finish(out, &used, c);
    out->copies = c->model.copy != 0;
    end(&used);
    if (result != STATUS_OK)
        sides_free(out);
    return result;
}

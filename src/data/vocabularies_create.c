/* vocabularies_create.c - vocabularies learnt from the training text. */
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/vocabularies.h"

/* One for each side that is learnt; when joint both are the same object. */
typedef struct builders {
    vocabulary_builder *source, *target;
} builders;

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
static status blame(status result, const char *key)
{
    if (result == STATUS_CONFIG)
        return fail_context(result, "%s.size", key);
    return result == STATUS_OK ? result : fail_context(result, "%s", key);
}

static status begin_side(vocabulary_builder **out, const config_side *side, const char *key)
{
    const vocabulary_settings settings = {.kind = kind_of(side),
                                          .size = side->size,
                                          .minimum_count = side->minimum_count,
                                          .unigram = side->algorithm == SENTENCEPIECE_UNIGRAM};

    if (has_model(side))
        return STATUS_OK;
    return blame(vocabulary_builder_create(out, &settings), key);
}

static status begin(builders *out, const config *c)
{
    TRY(begin_side(&out->source, &c->data.source, "data.source"));
    if (c->data.vocabulary == VOCABULARIES_JOINT) {
        out->target = out->source;
        return STATUS_OK;
    }
    return begin_side(&out->target, &c->data.target, "data.target");
}

static void end(builders *used)
{
    if (used->target != used->source)
        vocabulary_builder_destroy(used->target);
    vocabulary_builder_destroy(used->source);
}

static status add_line(vocabulary_builder *builder, const corpus_line *line)
{
    return builder == NULL ? STATUS_OK
                           : vocabulary_builder_add(builder, line->text, line->size);
}

static status read_pairs(builders *to, corpus *from)
{
    corpus_line source, target;
    bool last;

    for (int64_t pairs = 1;; pairs++) {
        if (stop_signal() != 0)
            return fail(STATUS_STOPPED, "stopped while reading %s", corpus_name(from));
        TRY(corpus_next(from, &source, &target, &last));
        if (last)
            return STATUS_OK;
        log_progress("vocabulary: %lld pairs", (long long)pairs);
        if (source.size == 0 || target.size == 0)
            continue;
        TRY(add_line(to->source, &source));
        TRY(add_line(to->target, &target));
    }
}

static status read_training(builders *to, const config *c)
{
    corpus *from;

    if (to->source == NULL && to->target == NULL)
        return STATUS_OK;
    status result = corpus_open(&from, &c->data.train);

    if (result == STATUS_OK)
        result = read_pairs(to, from);
    corpus_close(from);
    return result == STATUS_OK ? result : fail_context(result, "data.train");
}

static status finish_side(vocabulary **out, vocabulary_builder *builder,
                          const config_side *side, const char *key)
{
    if (has_model(side))
        return blame(vocabulary_load_model(out, side->model), key);
    return blame(vocabulary_build(out, builder), key);
}

static status finish(vocabularies *out, const builders *from, const config *c)
{
    TRY(finish_side(&out->source, from->source, &c->data.source, "data.source"));
    if (c->data.vocabulary == VOCABULARIES_JOINT) {
        out->target = out->source;
        return STATUS_OK;
    }
    return finish_side(&out->target, from->target, &c->data.target, "data.target");
}

status vocabularies_create(vocabularies *out, const config *c)
{
    builders used = {0};
    status result = begin(&used, c);

    *out = (vocabularies){0};
    if (result == STATUS_OK)
        result = read_training(&used, c);
    if (result == STATUS_OK)
        result = finish(out, &used, c);
    end(&used);
    if (result != STATUS_OK)
        vocabularies_free(out);
    return result;
}

void vocabularies_free(vocabularies *self)
{
    if (self->target != self->source)
        vocabulary_destroy(self->target);
    vocabulary_destroy(self->source);
    *self = (vocabularies){0};
}

/* evaluation.c - the pairs on which outputs are judged. */
#include <string.h>

#include "evaluation_parts.h"
#include "lockstep/base/memory.h"
#include "tag_order.h"

status evaluation_create_empty(evaluation **out, world *world, const sides *sides,
                               const config *c)
{
    evaluation *e = memory_create(1, sizeof(*e));

    *out = NULL;
    if (e == NULL)
        return fail(STATUS_NOMEM, "no memory for an evaluation");
    *e = (evaluation){.world = world, .config = c, .sides = sides};
    status result = references_create(&e->references, c->data.target.continuation);
    if (result == STATUS_OK && evaluation_has_labels(e))
        result = gold_labels_init(&e->labels, sides_vocabulary(sides, SIDE_TARGET));
    if (result != STATUS_OK) {
        evaluation_destroy(e);
        return result;
    }
    *out = e;
    return STATUS_OK;
}

void evaluation_destroy(evaluation *e)
{
    if (e == NULL)
        return;
    references_destroy(e->references);
    judged_sources_free(&e->sources);
    pair_set_free(&e->golds);
    gold_labels_free(&e->labels);
    memory_destroy(e->given);
    memory_destroy(e);
}

void evaluation_compare_tags(evaluation *e)
{
    const config *c = e->config;

    if (c->model.task == TASK_TAG && c->decode.tags != TAGS_LIKELIEST && !e->compared)
        tag_order_warn(config_word("decode.tags", c->decode.tags), &e->labels);
    e->compared = true;
}

static status add_gold(evaluation *e, const corpus_line *target, const pair_set *from,
                       int64_t pair)
{
    size_t count;

    if (evaluation_has_labels(e))
        return gold_labels_add(&e->labels, target);
    const void *symbols = pair_set_get(from, SIDE_TARGET, pair, &count);

    TRY(pair_set_put(&e->golds, SIDE_TARGET, symbols, count));
    return pair_set_add(&e->golds);
}

status evaluation_add(evaluation *e, const corpus_line lines[SIDES], const pair_set *from,
                      int64_t pair)
{
    const corpus_line *source = &lines[SIDE_SOURCE], *target = &lines[SIDE_TARGET];
    bool is_new;

    TRY(references_add(e->references, source->text, source->size, target->text, target->size,
                       &is_new));
    TRY(add_gold(e, target, from, pair));
    if (!is_new)
        return STATUS_OK;
    TRY(sides_keep_words(e->sides, source, &e->sources.set));
    return judged_sources_add(&e->sources, from, pair, e->config->model.task == TASK_TAG);
}

int64_t evaluation_sources(const evaluation *e)
{
    return judged_sources_count(&e->sources);
}

static status add_pairs(evaluation *e, char **const texts[SIDES], const pair_set *pairs)
{
    for (int64_t i = 0; i < pairs->pairs; i++) {
        corpus_line lines[SIDES];

        for (int side = 0; side < SIDES; side++)
            lines[side] = (corpus_line){texts[side][i], strlen(texts[side][i])};
        TRY(evaluation_add(e, lines, pairs, i));
    }
    return STATUS_OK;
}

/* All of it at once, for it is small; but not frames. */
static status read_split(evaluation *e, dataset *from, dataset_split split, char **texts[SIDES],
                         pair_set *pairs)
{
    const pair_source source = dataset_source(from, split);
    bool audio = sides_are_audio(dataset_sides(from), SIDE_SOURCE);
    size_t lines;

    for (int side = 0; side < SIDES; side++)
        TRY(dataset_texts(from, split, (dataset_side)side, &texts[side], &lines));
    if (audio)
        e->sources = (judged_sources){.dataset = from, .split = split};
    TRY(audio ? pair_set_load_targets(pairs, &source) : pair_set_load(pairs, &source));
    return add_pairs(e, texts, pairs);
}

static status add_split(evaluation *e, dataset *from, dataset_split split)
{
    char **texts[SIDES] = {NULL};
    pair_set pairs = {0};
    status result = read_split(e, from, split, texts, &pairs);

    for (int side = 0; side < SIDES; side++)
        memory_destroy(texts[side]);
    pair_set_free(&pairs);
    return result;
}

static status create_local(evaluation **out, world *world, dataset *from, dataset_split split,
                           const config *c)
{
    TRY(evaluation_create_empty(out, world, dataset_sides(from), c));
    TRY(add_split(*out, from, split));
    evaluation_compare_tags(*out);
    return STATUS_OK;
}

status evaluation_create(evaluation **out, world *world, dataset *from, dataset_split split,
                         const config *c)
{
    *out = NULL;
    status result = world_agree(world, create_local(out, world, from, split, c));
    if (result != STATUS_OK) {
        evaluation_destroy(*out);
        *out = NULL;
    }
    return result;
}

/* ---- labels ---- */

status evaluation_confusion(const evaluation *e, confusion *out)
{
    size_t pairs = (size_t)e->labels.numbers.pairs, count;

    CHECK(e->given != NULL);
    *out = (confusion){0};
    int32_t *numbers = memory_create(2 * pairs + 1, sizeof(*numbers));
    if (numbers == NULL)
        return fail(STATUS_NOMEM, "no memory to compare %zu labels", pairs);
    for (size_t i = 0; i < pairs; i++) {
        numbers[i] = gold_labels_of(&e->labels, (int64_t)i, &count)[0];
        numbers[pairs + i] = (int32_t)e->given[i];
    }
    status result = confusion_create(out, numbers, numbers + pairs, pairs);
    memory_destroy(numbers);
    return result;
}

const char *evaluation_label(const evaluation *e, int32_t number)
{
    return string_table_at(&e->labels.names, (size_t)number);
}

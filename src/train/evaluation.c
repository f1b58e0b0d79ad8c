/* evaluation.c - metrics of what a model says by itself. */
#include "lockstep/train/evaluation.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/train/decoding.h"
#include "lockstep/train/references.h"

struct evaluation {
    world *world;
    const config *config;
    const vocabulary *target;
    references *references;
    pair_set sources; /* one for each item, targets empty */
};

/* ---- the pairs ---- */

status evaluation_create_empty(evaluation **out, world *world, const vocabulary *target,
                               const config *c)
{
    evaluation *e = memory_create(1, sizeof(*e));

    *out = NULL;
    if (e == NULL)
        return fail(STATUS_NOMEM, "no memory for an evaluation");
    *e = (evaluation){.world = world, .config = c, .target = target};
    status result = references_create(&e->references, c->data.target.continuation);
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
    pair_set_free(&e->sources);
    memory_destroy(e);
}

status evaluation_add(evaluation *e, const corpus_line *source, const corpus_line *target,
                      const int32_t *ids, size_t count)
{
    bool is_new;

    TRY(references_add(e->references, source->text, source->size, target->text, target->size,
                       &is_new));
    return is_new ? pair_set_add(&e->sources, ids, count, NULL, 0) : STATUS_OK;
}

int64_t evaluation_items(const evaluation *e)
{
    return e->sources.pairs;
}

/* A split as it is read: all of it, for it is small. */
typedef struct split_text {
    int64_t pairs;
    char **source, **target;
    int32_t *lengths, *ids; /* of the sources */
} split_text;

static void free_split(split_text *s)
{
    memory_destroy(s->source);
    memory_destroy(s->target);
    memory_destroy(s->lengths);
    memory_destroy(s->ids);
}

static status load_split(split_text *s, dataset *from, dataset_split split)
{
    size_t lines, tokens = 0;

    s->pairs = dataset_pairs(from, split);
    TRY(dataset_texts(from, split, SIDE_SOURCE, &s->source, &lines));
    TRY(dataset_texts(from, split, SIDE_TARGET, &s->target, &lines));
    s->lengths = memory_create((size_t)s->pairs, sizeof(*s->lengths));
    if (s->lengths == NULL)
        return fail(STATUS_NOMEM, "no memory for %lld pairs", (long long)s->pairs);
    TRY(dataset_lengths(from, split, 0, s->pairs, s->lengths, NULL));
    for (int64_t i = 0; i < s->pairs; i++)
        tokens += (size_t)s->lengths[i];
    s->ids = memory_create(tokens, sizeof(*s->ids));
    if (s->ids == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu tokens", tokens);
    return dataset_load(from, split, 0, s->pairs, s->ids, NULL);
}

static status add_split(evaluation *e, const split_text *s)
{
    const int32_t *ids = s->ids;

    for (int64_t i = 0; i < s->pairs; ids += s->lengths[i++]) {
        const corpus_line source = {s->source[i], strlen(s->source[i])};
        const corpus_line target = {s->target[i], strlen(s->target[i])};

        TRY(evaluation_add(e, &source, &target, ids, (size_t)s->lengths[i]));
    }
    return STATUS_OK;
}

static status create_local(evaluation **out, world *world, dataset *from, dataset_split split,
                           const config *c)
{
    split_text text = {0};

    TRY(evaluation_create_empty(out, world, dataset_target_vocabulary(from), c));
    status result = load_split(&text, from, split);
    if (result == STATUS_OK)
        result = add_split(*out, &text);
    free_split(&text);
    return result;
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

/* ---- the counts ---- */

typedef struct counting {
    const evaluation *evaluation;
    const metric *const *metrics;
    int count;
    double *counts; /* [count][METRIC_COUNTS_MAX], this rank's */
    buffer list;
} counting;

static status count_output(void *user, int64_t item, const char *text, size_t size)
{
    counting *c = user;
    const char *const *texts;
    int references;

    (void)size;
    TRY(references_of(c->evaluation->references, item, &c->list, &texts, &references));
    for (int m = 0; m < c->count; m++)
        TRY(c->metrics[m]->add(c->counts + m * METRIC_COUNTS_MAX, text, texts, references));
    return STATUS_OK;
}

/* The ranks' counts stand one after another in `all`; they are whole numbers, so their
 * sum is exact in any order. */
static void sum_ranks(world *w, double *all, int size)
{
    world_union(w, all, (size_t)size * (size_t)world_size(w));
    for (int rank = 1; rank < world_size(w); rank++)
        for (int i = 0; i < size; i++)
            all[i] += all[(size_t)rank * (size_t)size + (size_t)i];
}

static status run_with(evaluation *e, const transformer *model, arena *arena, counting *c,
                       double *all, double scores[])
{
    const decoding d = {.world = e->world,
                        .config = e->config,
                        .target = e->target,
                        .model = model,
                        .arena = arena,
                        .progress = "decoding"};
    const pair_source sources = pair_set_source(&e->sources);
    int size = c->count * METRIC_COUNTS_MAX;

    c->counts = all + (size_t)world_rank(e->world) * (size_t)size;
    TRY(decoding_run(&d, &sources, count_output, c));
    sum_ranks(e->world, all, size);
    for (int m = 0; m < c->count; m++)
        scores[m] = c->metrics[m]->score(all + m * METRIC_COUNTS_MAX);
    return STATUS_OK;
}

status evaluation_run(evaluation *e, const transformer *model, arena *arena,
                      const metric *const metrics[], int count, double scores[])
{
    counting c = {.evaluation = e, .metrics = metrics, .count = count};
    size_t size = (size_t)world_size(e->world) * (size_t)count * METRIC_COUNTS_MAX;
    double *all = memory_create(size, sizeof(*all));
    status result =
        world_agree(e->world, all != NULL ? STATUS_OK
                                          : fail(STATUS_NOMEM, "no memory for the "
                                                               "counts of metrics"));
    if (result == STATUS_OK)
        result = run_with(e, model, arena, &c, all, scores);
    buffer_free(&c.list);
    memory_destroy(all);
    return result;
}

/* evaluation.c - metrics of what a model says by itself. */
#include "lockstep/infer/evaluation.h"

#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/infer/decoding.h"
#include "references.h"

struct evaluation {
    world *world;
    const config *config;
    const sides *sides;
    references *references;
    pair_set sources; /* each different one, targets empty */
    pair_set golds;   /* one for each pair, sources empty */
};

/* ---- the pairs ---- */

status evaluation_create_empty(evaluation **out, world *world, const sides *sides,
                               const config *c)
{
    evaluation *e = memory_create(1, sizeof(*e));

    *out = NULL;
    if (e == NULL)
        return fail(STATUS_NOMEM, "no memory for an evaluation");
    *e = (evaluation){.world = world, .config = c, .sides = sides};
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
    pair_set_free(&e->golds);
    memory_destroy(e);
}

/* A pair of one side of another, its other side empty. */
static status add_side(pair_set *to, dataset_side side, const pair_set *from, int64_t pair)
{
    size_t count;
    const void *elements = pair_set_get(from, side, pair, &count);

    to->elements[side] = from->elements[side];
    TRY(pair_set_put(to, side, elements, count));
    return pair_set_add(to);
}

status evaluation_add(evaluation *e, const corpus_line lines[SIDES], const pair_set *from,
                      int64_t pair)
{
    const corpus_line *source = &lines[SIDE_SOURCE], *target = &lines[SIDE_TARGET];
    bool is_new;

    TRY(references_add(e->references, source->text, source->size, target->text, target->size,
                       &is_new));
    TRY(add_side(&e->golds, SIDE_TARGET, from, pair));
    if (!is_new)
        return STATUS_OK;
    TRY(sides_keep_words(e->sides, source, &e->sources));
    return add_side(&e->sources, SIDE_SOURCE, from, pair);
}

int64_t evaluation_sources(const evaluation *e)
{
    return e->sources.pairs;
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

/* All of it at once, for it is small. */
static status read_split(evaluation *e, dataset *from, dataset_split split, char **texts[SIDES],
                         pair_set *pairs)
{
    const pair_source source = dataset_source(from, split);
    size_t lines;

    for (int side = 0; side < SIDES; side++)
        TRY(dataset_texts(from, split, (dataset_side)side, &texts[side], &lines));
    TRY(pair_set_load(pairs, &source));
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
    return add_split(*out, from, split);
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

/* A rank's counts are a row: those of each metric, then those of the symbols. */
typedef struct counting {
    const evaluation *evaluation;
    const metric *const *metrics;
    int count;
    bool symbols;          /* are wanted */
    double *row;           /* [row_size] this rank's */
    buffer list;           /* scratch, as the rest */
    tokens output, target; /* with their <end> */
} counting;

static int symbols_at(const counting *c)
{
    return c->count * METRIC_COUNTS_MAX;
}

static int row_size(const counting *c)
{
    return symbols_at(c) + FREE_RUNNING_COUNTS;
}

static void free_counting(counting *c)
{
    buffer_free(&c->list);
    tokens_free(&c->output);
    tokens_free(&c->target);
}

static status add_item(const counting *c, const char *output, const char *const texts[],
                       int references)
{
    for (int m = 0; m < c->count; m++)
        TRY(c->metrics[m]->add(c->row + m * METRIC_COUNTS_MAX, output, texts, references));
    return STATUS_OK;
}

static status count_text(counting *c, const decoded *output)
{
    const char *const *texts;
    int references;

    TRY(references_of(c->evaluation->references, output->pair, &c->list, &texts, &references));
    if (c->evaluation->config->data.references == REFERENCES_SOURCES)
        return add_item(c, output->text, texts, references);
    for (int r = 0; r < references; r++)
        TRY(add_item(c, output->text, &texts[r], 1));
    return STATUS_OK;
}

static status set_symbols(tokens *to, const int32_t *ids, size_t count, bool ended)
{
    tokens_clear(to);
    for (size_t i = 0; i < count; i++)
        TRY(tokens_add(to, ids[i]));
    return ended ? tokens_add(to, TOKEN_END) : STATUS_OK;
}

static status count_symbols(counting *c, const decoded *output)
{
    const evaluation *e = c->evaluation;
    int64_t pair = references_first(e->references, output->pair);

    TRY(set_symbols(&c->output, output->ids, output->count, output->ended));
    for (; pair >= 0; pair = references_next(e->references, pair)) {
        size_t count;
        const int32_t *gold = pair_set_get(&e->golds, SIDE_TARGET, pair, &count);

        TRY(set_symbols(&c->target, gold, count, true));
        TRY(free_running_add(c->row + symbols_at(c), &c->output, &c->target));
    }
    return STATUS_OK;
}

static status count_output(void *user, const decoded *output)
{
    counting *c = user;

    if (output->n > 0)
        return STATUS_OK; /* not the best of its source */
    TRY(count_text(c, output));
    return c->symbols ? count_symbols(c, output) : STATUS_OK;
}

/* The ranks' rows stand one after another in `all`; they are whole numbers, so their sum
 * is exact in any order. */
static void sum_ranks(world *w, double *all, int size)
{
    world_union(w, all, (size_t)size * (size_t)world_size(w));
    for (int rank = 1; rank < world_size(w); rank++)
        for (int i = 0; i < size; i++)
            all[i] += all[(size_t)rank * (size_t)size + (size_t)i];
}

static void show_decoding(void *user, int64_t done, int64_t of)
{
    (void)user;
    log_progress("decoding %lld/%lld", (long long)done, (long long)of);
}

static status count_all(evaluation *e, const transformer *model, arena *arena, counting *c,
                        double *all)
{
    const decoding d = {.world = e->world,
                        .config = e->config,
                        .sides = e->sides,
                        .model = model,
                        .arena = arena,
                        .show = show_decoding};

    c->row = all + (size_t)world_rank(e->world) * (size_t)row_size(c);
    TRY(decoding_run(&d, &e->sources, count_output, c));
    sum_ranks(e->world, all, row_size(c));
    return STATUS_OK;
}

/* The model is packed as long as that takes. */
static status count_packed(evaluation *e, transformer *model, arena *arena, counting *c,
                           double *all)
{
    TRY(world_agree(e->world, transformer_pack(model, e->config->run.threads)));
    status result = count_all(e, model, arena, c, all);
    transformer_unpack(model);
    return result;
}

status evaluation_run(evaluation *e, transformer *model, arena *arena,
                      const metric *const metrics[], int count, double scores[],
                      free_running *symbols)
{
    counting c = {
        .evaluation = e, .metrics = metrics, .count = count, .symbols = symbols != NULL};
    size_t size = (size_t)world_size(e->world) * (size_t)row_size(&c);
    double *all = memory_create(size, sizeof(*all));
    status result =
        world_agree(e->world, all != NULL ? STATUS_OK
                                          : fail(STATUS_NOMEM, "no memory for the "
                                                               "counts of metrics"));
    if (result == STATUS_OK)
        result = count_packed(e, model, arena, &c, all);
    if (result == STATUS_OK) {
        for (int m = 0; m < count; m++)
            scores[m] = metrics[m]->score(all + m * METRIC_COUNTS_MAX);
        if (symbols != NULL)
            *symbols = free_running_score(all + symbols_at(&c));
    }
    free_counting(&c);
    memory_destroy(all);
    return result;
}

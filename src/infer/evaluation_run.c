/* evaluation_run.c - metrics of what a model says by itself. */
#include "evaluation_parts.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/infer/decoding.h"

/* A rank's counts are a row: those of each metric, then those of the symbols. */
typedef struct counting {
    evaluation *evaluation;
    const metric *const *metrics;
    int count;
    bool symbols;          /* are wanted */
    double *row;           /* [row_size] this rank's */
    buffer list;           /* scratch, as the rest */
    tokens output, target; /* with their <end> */
} counting;

/* Where the counts of a metric begin; those of the symbols stand behind the last one's. */
static size_t counts_at(const counting *c, int metric)
{
    size_t at = 0;

    for (int m = 0; m < metric; m++)
        at += metric_counts(c->metrics[m], c->evaluation->labels.names.count);
    return at;
}

static size_t symbols_at(const counting *c)
{
    return counts_at(c, c->count);
}

static size_t row_size(const counting *c)
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
        TRY(c->metrics[m]->add(c->row + counts_at(c, m), output, texts, references));
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

/* The output beside the labels of each of its source's pairs. */
static void count_labels(const counting *c, const decoded *output)
{
    evaluation *e = c->evaluation;
    int64_t pair = references_first(e->references, output->pair);

    for (; pair >= 0; pair = references_next(e->references, pair)) {
        size_t count;
        const int32_t *gold = gold_labels_of(&e->labels, pair, &count);

        CHECK(output->count == count);
        for (int m = 0; m < c->count; m++)
            c->metrics[m]->add_labels(c->row + counts_at(c, m), &e->labels.names, output->ids,
                                      gold, (int)count);
        if (e->given != NULL)
            e->given[pair] = output->ids[0];
    }
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
    if (evaluation_has_labels(c->evaluation)) {
        count_labels(c, output);
        return STATUS_OK;
    }
    TRY(count_text(c, output));
    return c->symbols ? count_symbols(c, output) : STATUS_OK;
}

/* The ranks' rows stand one after another in `all`; they are whole numbers, so their sum
 * is exact in any order. */
static void sum_ranks(world *w, double *all, size_t size)
{
    world_union(w, all, size * (size_t)world_size(w));
    for (int rank = 1; rank < world_size(w); rank++)
        for (size_t i = 0; i < size; i++)
            all[i] += all[(size_t)rank * size + i];
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
                        .unscored = true,
                        .show = show_decoding};

    c->row = all + (size_t)world_rank(e->world) * row_size(c);
    TRY(judged_sources_decode(&e->sources, &d, count_output, c));
    sum_ranks(e->world, all, row_size(c));
    if (e->given != NULL)
        world_union(e->world, e->given, (size_t)e->labels.numbers.pairs);
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

/* Room for all counts, zeros, and for what each pair is given. */
static status begin_counts(counting *c, double **all)
{
    evaluation *e = c->evaluation;

    memory_destroy(e->given);
    e->given = NULL;
    *all = memory_create((size_t)world_size(e->world) * row_size(c), sizeof(**all));
    if (e->config->model.task == TASK_LABEL)
        e->given = memory_create((size_t)e->labels.numbers.pairs + 1, sizeof(*e->given));
    if (*all == NULL || (e->given == NULL && e->config->model.task == TASK_LABEL))
        return fail(STATUS_NOMEM, "no memory for the counts of metrics");
    return STATUS_OK;
}

status evaluation_run(evaluation *e, transformer *model, arena *arena,
                      const metric *const metrics[], int count, double scores[],
                      free_running *symbols)
{
    counting c = {
        .evaluation = e, .metrics = metrics, .count = count, .symbols = symbols != NULL};
    double *all;
    status result = world_agree(e->world, begin_counts(&c, &all));

    CHECK(symbols == NULL || !evaluation_has_labels(e));
    evaluation_compare_tags(e);
    if (result == STATUS_OK)
        result = count_packed(e, model, arena, &c, all);
    if (result == STATUS_OK) {
        for (int m = 0; m < count; m++)
            scores[m] = metric_score(metrics[m], all + counts_at(&c, m), e->labels.names.count);
        if (symbols != NULL)
            *symbols = free_running_score(all + symbols_at(&c));
    }
    free_counting(&c);
    memory_destroy(all);
    return result;
}

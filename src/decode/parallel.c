/* parallel.c - all places of an output at once; then those that were least certain once more,
 * fewer each time (mask-predict: Ghazvininejad et al. 2019, arXiv 1904.09324).
 */
#include <math.h>
#include <string.h>

#include "lockstep/base/token.h"
#include "rules.h"
#include "searches.h"

/* What is shared by all drafts. */
typedef struct parallel {
    const transformer *model;
    pass *pass;
    const search_options *options;
    body_memory memory;
    int32_t *limits;
    int (*stop)(void);
} parallel;

/* One output of each sentence, its places standing one after another. */
typedef struct draft {
    packed fed; /* of lengths[s] places, 0 where a sentence has no draft */
    int32_t *ids, *symbols;
    float *log_p; /* of symbols, when they were chosen */
    bool *unknown;
} draft;

/* ---- a draft ---- */

/* lengths [sequences], `each` numbers from one to the next. */
static draft draft_push(const parallel *p, const int32_t *lengths, int each)
{
    arena *arena = p->pass->arena;
    packed fed = p->memory.source.packed;
    int32_t *offsets = arena_push(arena, (size_t)fed.sequences + 1, sizeof(*offsets));
    int32_t *bounds = arena_push(arena, 2, sizeof(*bounds));

    offsets[0] = bounds[0] = 0;
    for (int s = 0; s < fed.sequences; s++)
        offsets[s + 1] = offsets[s] + (lengths[s * each] > 0 ? lengths[s * each] : 0);
    fed.rows = bounds[1] = offsets[fed.sequences];
    fed.offsets = offsets;
    fed.grain_rows = bounds;
    size_t rows = (size_t)fed.rows;
    draft d = {.fed = fed,
               .ids = arena_push(arena, rows, sizeof(*d.ids)),
               .symbols = arena_push(arena, rows, sizeof(*d.symbols)),
               .log_p = arena_push(arena, rows, sizeof(*d.log_p)),
               .unknown = arena_push(arena, rows, sizeof(*d.unknown))};

    d.fed.ids = d.ids;
    memset(d.unknown, true, rows * sizeof(*d.unknown));
    return d;
}

/* The filler is never said, nor <end> where a classifier says how long an output is. */
static generator_best_query query_of(const parallel *p, int32_t never[RULES_NEVER + 1])
{
    bool ends = transformer_task(p->model)->truth_end;
    int nevers = 0;

    never[nevers++] = TOKEN_BEGIN;
    never[nevers++] = transformer_filler(p->model);
    if (!p->options->unknown)
        never[nevers++] = TOKEN_UNK;
    if (!ends)
        never[nevers++] = TOKEN_END;
    return (generator_best_query){
        .count = 1, .never = never, .nevers = nevers, .favoured = ends ? TOKEN_END : -1};
}

/* The likeliest symbols at the places that are unknown. */
static void fill_in(const parallel *p, draft *d)
{
    int32_t never[RULES_NEVER + 1];
    const generator_best_query query = query_of(p, never);
    size_t mark = arena_mark(p->pass->arena);
    int rows = d->fed.rows, count = 0;
    int32_t *places = arena_push(p->pass->arena, (size_t)rows, sizeof(*places));
    int32_t *symbols = arena_push(p->pass->arena, (size_t)rows, sizeof(*symbols));
    float *log_p = arena_push(p->pass->arena, (size_t)rows, sizeof(*log_p));

    for (int r = 0; r < rows; r++) {
        d->ids[r] = d->unknown[r] ? transformer_filler(p->model) : d->symbols[r];
        if (d->unknown[r])
            places[count++] = r;
    }
    matrix states = transformer_decode(p->model, p->pass, &p->memory, &d->fed);
    for (int i = 0; i < count; i++) /* to the front: no row comes before its place */
        memmove(matrix_row(states, i), matrix_row(states, places[i]),
                (size_t)states.cols * sizeof(float));
    transformer_best(p->model, p->pass, matrix_rows(states, 0, count), &query, symbols, log_p);
    for (int i = 0; i < count; i++) {
        d->symbols[places[i]] = symbols[i] >= 0 ? symbols[i] : TOKEN_UNK;
        d->log_p[places[i]] = log_p[i];
    }
    arena_release(p->pass->arena, mark);
}

/* Of the places [first, end) the `count` whose symbols are least certain; of equals the later
 * ones stay. */
static void forget(draft *d, int first, int end, int count)
{
    memset(d->unknown + first, false, (size_t)(end - first) * sizeof(*d->unknown));
    for (; count > 0; count--) {
        int least = -1;
        for (int r = first; r < end; r++)
            if (!d->unknown[r] && (least < 0 || d->log_p[r] < d->log_p[least]))
                least = r;
        d->unknown[least] = true;
    }
}

static void refine(const parallel *p, draft *d)
{
    int passes = p->options->iterations;

    fill_in(p, d);
    for (int done = 1; done < passes && p->stop() == 0; done++) {
        for (int s = 0; s < d->fed.sequences; s++) {
            int first = d->fed.offsets[s], end = d->fed.offsets[s + 1];
            forget(d, first, end, (end - first) * (passes - done) / passes);
        }
        fill_in(p, d);
    }
}

/* ---- drafts become outputs ---- */

/* The places up to <end>, of which the limit has no say, and not more symbols than that. */
static search_output output_of(const draft *d, int s, int limit, bool ends)
{
    int first = d->fed.offsets[s], places = d->fed.offsets[s + 1] - first;
    search_output o = {.ids = d->symbols + first};

    while (o.count < places && !o.ended && (o.count < limit || o.ids[o.count] == TOKEN_END)) {
        o.score += (double)d->log_p[first + o.count];
        o.ended = o.ids[o.count] == TOKEN_END;
        o.count += !o.ended;
    }
    o.ended = o.ended || (!ends && o.count == places);
    return o;
}

/* What drafts of several lengths are compared by: the mean of log p over the places. */
static double merit_of(const search_output *o, bool ends)
{
    int places = o->count + (ends && o->ended);

    return places > 0 ? o->score / places : -INFINITY;
}

static void keep_better(const parallel *p, const draft *d, search_output *best, bool first)
{
    bool ends = transformer_task(p->model)->truth_end;

    for (int s = 0; s < d->fed.sequences; s++) {
        search_output o = output_of(d, s, p->limits[s], ends);
        if (first || merit_of(&o, ends) > merit_of(&best[s], ends))
            best[s] = o;
    }
}

/* Into the limits, and none twice; a fixed length is what it is. */
static void limit_lengths(const parallel *p, int each, int32_t *lengths)
{
    if (transformer_task(p->model)->truth_end)
        return;
    for (int i = 0; i < p->memory.source.packed.sequences * each; i++) {
        int32_t limit = p->limits[i / each];
        int32_t least = p->options->min_length < limit ? p->options->min_length : limit;
        if (lengths[i] > 0 && lengths[i] < least)
            lengths[i] = least;
        if (lengths[i] > limit)
            lengths[i] = limit;
        for (int j = i / each * each; j < i; j++)
            if (lengths[j] == lengths[i])
                lengths[i] = -1;
    }
}

void parallel_run(const transformer *t, pass *pass, const packed *source,
                  const int64_t *numbers, const search_options *options, int (*stop)(void),
                  search_result *out)
{
    size_t n = (size_t)source->sequences, each = (size_t)options->lengths;
    search_output *best = arena_push(pass->arena, n, sizeof(*best));
    int32_t *lengths = arena_push(pass->arena, n * each, sizeof(*lengths));
    float *log_p = arena_push(pass->arena, n * each, sizeof(*log_p));
    parallel p = {.model = t,
                  .pass = pass,
                  .options = options,
                  .memory = transformer_encode(t, pass, source),
                  .limits = rules_limits(pass->arena, source, options, transformer_places(t)),
                  .stop = stop};

    (void)numbers; /* nothing is drawn */
    transformer_lengths(t, pass, &p.memory, options->lengths, lengths, log_p);
    limit_lengths(&p, options->lengths, lengths);
    for (size_t i = 0; i < each && (i == 0 || stop() == 0); i++) {
        draft d = draft_push(&p, lengths + i, options->lengths);
        refine(&p, &d);
        keep_better(&p, &d, best, i == 0);
    }
    *out = (search_result){.each = 1, .list = best};
}

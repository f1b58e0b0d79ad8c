/* copy_best.c - what comes next where it may be generated or copied. */
#include "lockstep/nn/copy_best.h"

#include <omp.h>
#include <string.h>

#include "copy_mix.h"
#include "dot.h"
#include "lockstep/tensor/kernels.h"

enum { RUN = 64 }; /* rows that are looked at together */

/* Room for a run of rows, of one thread. */
typedef struct mixer {
    const copy_head *head;
    const generator *generator;
    matrix queries;   /* [RUN, width] */
    matrix generated; /* [RUN, symbols] log p */
    float *weights;   /* [longest] */
    /* Of one row: numbers above the symbols that may be copied. */
    int32_t *numbers; /* [longest] */
    float *log_p;     /* [longest] */
    int count;
} mixer;

static mixer mixer_push(const copy_head *h, const generator *g, pass *pass, int longest)
{
    size_t n = (size_t)longest;

    return (mixer){.head = h,
                   .generator = g,
                   .queries = pass_matrix(pass, RUN, h->query.out),
                   .generated = pass_matrix(pass, RUN, g->output.out),
                   .weights = arena_push(pass->arena, n, sizeof(float)),
                   .numbers = arena_push(pass->arena, n, sizeof(int32_t)),
                   .log_p = arena_push(pass->arena, n, sizeof(float))};
}

/* What all rows of a run, at most RUN of them, have of products. */
static void mixer_begin(mixer *m, matrix x, matrix generated)
{
    linear_forward(&m->head->query, x, matrix_rows(m->queries, 0, x.rows));
    generator_log_p(m->generator, x, generated);
}

static int attend_row(const mixer *m, const copy_memory *from, int sentence, const float *query)
{
    int first = from->offsets[sentence], places = from->offsets[sentence + 1] - first;
    double scale = 1.0 / sqrt((double)m->head->query.out);

    for (int i = 0; i < places; i++)
        m->weights[i] =
            (float)(scale * dot(query, matrix_row(from->keys, first + i), from->keys.cols));
    kernels_get()->softmax_forward(matrix_view(m->weights, 1, places), 0);
    return places;
}

/* What the places that hold the same as place `i`, the first of them, add up to. */
static double copied(const mixer *m, const copy_memory *from, int first, int places, int i)
{
    double sum = 0.0;

    for (int k = i; k < places; k++)
        if (from->firsts[first + k] == first + i)
            sum += (double)m->weights[k];
    return sum;
}

static void add_copied(mixer *m, int32_t number, double log_p, float *generated)
{
    if (number < m->generator->output.out) {
        generated[number] = (float)log_add((double)generated[number], log_p);
        return;
    }
    m->numbers[m->count] = number;
    m->log_p[m->count++] = (float)log_p;
}

/* Row i of the run: its generated log p become those of the mixture, and the numbers above are
 * listed. */
static void mixer_row(mixer *m, matrix x, const copy_memory *from, int sentence, int i,
                      float *generated)
{
    int first = from->offsets[sentence];
    int places = attend_row(m, from, sentence, matrix_row(m->queries, i));
    double logit = (double)*m->head->bias + dot(m->head->gate, matrix_row(x, i), x.cols) +
                   dot(m->weights, from->votes + first, places);
    float gate = (float)log_gate(logit);
    double rest = log_rest(logit);

    m->count = 0;
    for (int v = 0; v < m->generator->output.out; v++)
        generated[v] += gate;
    for (int k = 0; k < places; k++) {
        double sum =
            from->firsts[first + k] == first + k ? copied(m, from, first, places, k) : 0;
        if (sum > 0.0)
            add_copied(m, from->holds[first + k], rest + log(sum), generated);
    }
}

/* ---- the likeliest ---- */

typedef struct best_list {
    const generator_best_query *query;
    int32_t *symbols;
    float *log_p;
} best_list;

static bool is_never(const generator_best_query *q, int32_t symbol)
{
    for (int i = 0; i < q->nevers; i++)
        if (q->never[i] == symbol)
            return true;
    return symbol == q->favoured; /* it is in its place */
}

static bool comes_before(const best_list *l, int at, int32_t symbol, float log_p)
{
    if (log_p != l->log_p[at])
        return log_p > l->log_p[at];
    return l->symbols[at] >= 0 && l->symbols[at] != l->query->favoured &&
           symbol < l->symbols[at];
}

static void insert(const best_list *l, int32_t symbol, float log_p)
{
    int at = l->query->count;

    if (!comes_before(l, at - 1, symbol, log_p) || is_never(l->query, symbol))
        return;
    for (at--; at > 0 && comes_before(l, at - 1, symbol, log_p); at--) {
        l->symbols[at] = l->symbols[at - 1];
        l->log_p[at] = l->log_p[at - 1];
    }
    l->symbols[at] = symbol;
    l->log_p[at] = log_p;
}

static void best_of_row(const mixer *m, const float *generated, const best_list *l)
{
    const generator_best_query *q = l->query;

    for (int i = 0; i < q->count; i++) {
        l->symbols[i] = -1;
        l->log_p[i] = -INFINITY;
    }
    if (q->favoured >= 0) {
        l->symbols[0] = q->favoured;
        l->log_p[0] = generated[q->favoured];
    }
    for (int32_t v = 0; v < m->generator->output.out; v++)
        insert(l, v, generated[v]);
    for (int i = 0; i < m->count; i++)
        insert(l, m->numbers[i], m->log_p[i]);
}

void copy_best(const copy_head *h, const generator *g, pass *pass, matrix x,
               const generator_best_query *query, int32_t *symbols, float *log_p)
{
    size_t mark = arena_mark(pass->arena), count = (size_t)query->count;
    const copy_rows *from = query->copied;
    mixer m = mixer_push(h, g, pass, from->memory->longest);

    for (int first = 0; first < x.rows; first += RUN) {
        int rows = x.rows - first < RUN ? x.rows - first : RUN;
        matrix run = matrix_rows(x, first, rows);
        mixer_begin(&m, run, matrix_rows(m.generated, 0, rows));
        for (int r = 0; r < rows; r++) {
            size_t at = (size_t)(first + r) * count;
            best_list list = {query, symbols + at, log_p + at};
            mixer_row(&m, run, from->memory, from->sentences[first + r], r,
                      matrix_row(m.generated, r));
            best_of_row(&m, matrix_row(m.generated, r), &list);
        }
    }
    arena_release(pass->arena, mark);
}

void copy_log_p(const copy_head *h, const generator *g, pass *pass, matrix x,
                const copy_rows *from, matrix log_p)
{
    size_t mark = arena_mark(pass->arena);
    int symbols = g->output.out;
    mixer m = mixer_push(h, g, pass, from->memory->longest);

    for (int first = 0; first < x.rows; first += RUN) {
        int rows = x.rows - first < RUN ? x.rows - first : RUN;
        matrix run = matrix_rows(x, first, rows), all = matrix_rows(log_p, first, rows);
        mixer_begin(&m, run, matrix_cols(all, 0, symbols));
        for (int r = 0; r < rows; r++) {
            float *row = matrix_row(all, r);
            mixer_row(&m, run, from->memory, from->sentences[first + r], r, row);
            for (int v = symbols; v < log_p.cols; v++)
                row[v] = -INFINITY;
            for (int i = 0; i < m.count; i++)
                row[m.numbers[i]] = m.log_p[i];
        }
    }
    arena_release(pass->arena, mark);
}

/* ---- predictions while it learns ---- */

static int32_t likeliest(const mixer *m, const float *generated, int32_t never)
{
    const generator_best_query query = {
        .count = 1, .never = &never, .nevers = 1, .favoured = -1};
    int32_t symbol;
    float log_p;

    best_of_row(m, generated, &(best_list){&query, &symbol, &log_p});
    return symbol < 0 ? 0 : symbol;
}

/* What a number weighs in a draw, the likeliest as much as 1. */
static double weight_of(const generator_query *query, double log_p, double largest)
{
    return exp((log_p - largest) / query->temperature);
}

static int32_t number_at(const mixer *m, int i)
{
    int symbols = m->generator->output.out;

    return i < symbols ? i : m->numbers[i - symbols];
}

static float log_p_at(const mixer *m, const float *generated, int i)
{
    int symbols = m->generator->output.out;

    return i < symbols ? generated[i] : m->log_p[i - symbols];
}

static int32_t drawn(const mixer *m, const generator_query *query, const float *generated,
                     double uniform)
{
    int all = m->generator->output.out + m->count;
    int32_t found = likeliest(m, generated, query->never);
    double largest = -INFINITY, sum = 0.0, passed = 0.0;

    for (int i = 0; i < all; i++)
        if (number_at(m, i) != query->never)
            largest = fmax(largest, (double)log_p_at(m, generated, i));
    for (int i = 0; i < all; i++)
        if (number_at(m, i) != query->never)
            sum += weight_of(query, (double)log_p_at(m, generated, i), largest);
    for (int i = 0; i < all && !(passed > uniform * sum); i++) {
        if (number_at(m, i) == query->never)
            continue;
        passed += weight_of(query, (double)log_p_at(m, generated, i), largest);
        found = number_at(m, i);
    }
    return found;
}

/* Predictions [first, first + count) of the query, at most RUN of them and of one grain. */
static void predict_run(mixer *m, matrix gathered, matrix x, const generator_query *query,
                        int first, int count, int32_t *symbols)
{
    matrix run = matrix_rows(gathered, 0, count);
    const copy_rows *from = query->copied;

    for (int i = 0; i < count; i++)
        memcpy(matrix_row(run, i), matrix_row(x, query->rows[first + i]),
               (size_t)x.cols * sizeof(float));
    mixer_begin(m, run, matrix_rows(m->generated, 0, count));
    for (int i = 0; i < count; i++) {
        float *generated = matrix_row(m->generated, i);
        mixer_row(m, run, from->memory, from->sentences[query->rows[first + i]], i, generated);
        symbols[first + i] = query->uniform == NULL
                                 ? likeliest(m, generated, query->never)
                                 : drawn(m, query, generated, query->uniform[first + i]);
    }
}

void copy_predict(const copy_head *h, const generator *g, pass *pass, matrix x,
                  const generator_query *query, int32_t *symbols)
{
    size_t mark = arena_mark(pass->arena), threads = (size_t)pass->threads;
    mixer *mixers = arena_push(pass->arena, threads, sizeof(*mixers));
    matrix *gathered = arena_push(pass->arena, threads, sizeof(*gathered));

    for (size_t t = 0; t < threads; t++) {
        mixers[t] = mixer_push(h, g, pass, query->copied->memory->longest);
        gathered[t] = pass_matrix(pass, RUN, x.cols);
    }
    for (int grain = 0; grain < query->grains; grain++) {
        int first = query->grain_first[grain], end = query->grain_first[grain + 1];
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
        for (int at = first; at < end; at += RUN) {
            predict_run(&mixers[omp_get_thread_num()], gathered[omp_get_thread_num()], x, query,
                        at, end - at < RUN ? end - at : RUN, symbols);
            pass_move(pass);
        }
    }
    arena_release(pass->arena, mark);
}

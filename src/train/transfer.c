/* transfer.c - parameters of another run, whose vocabularies may be others. */
#include "transfer.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/string_table.h"
#include "lockstep/base/token.h"

/* Of each symbol of a side its number in the checkpoint, -1 for none. */
typedef struct match {
    int *numbers; /* [symbols] NULL: the same symbols in the same order */
    int symbols, known, then;
} match;

typedef struct transfer {
    store_reader *reader;
    match sides[SIDES];
    const parameters *to;
    parameters from; /* laid out as in the checkpoint */
} transfer;

/* A model without a decoder takes the encoder of any other. */
static status load(const transfer *t, const checkpoint *from, const parameters *p)
{
    bool decodes = false;

    for (int i = 0; i < t->to->count; i++)
        decodes |= strncmp(t->to->list[i].name, "decoder.", strlen("decoder.")) == 0;
    return decodes ? checkpoint_load_model(from, p) : checkpoint_load_encoder(from, p);
}

/* ---- symbols ---- */

static bool are_equal(const vocabulary *a, const vocabulary *b)
{
    bool same = vocabulary_size(a) == vocabulary_size(b);

    for (int i = 0; same && i < vocabulary_size(a); i++)
        same = strcmp(vocabulary_symbol(a, i), vocabulary_symbol(b, i)) == 0;
    return same;
}

static status list_symbols(string_table *out, const vocabulary *of)
{
    for (int i = 0; i < vocabulary_size(of); i++) {
        const char *symbol = vocabulary_symbol(of, i);

        TRY(string_table_add(out, symbol, strlen(symbol)));
    }
    return STATUS_OK;
}

static void fill(match *m, const string_table *then, const vocabulary *now)
{
    for (int i = 0; i < m->symbols; i++) {
        const char *symbol = vocabulary_symbol(now, i);

        m->numbers[i] = string_table_find(then, symbol, strlen(symbol));
        m->known += m->numbers[i] >= 0;
    }
}

static status match_side(match *m, const vocabulary *then, const vocabulary *now)
{
    string_table table = {0};

    if (then == NULL || now == NULL) /* audio, of which no rows of a table are to be matched */
        return STATUS_OK;
    m->symbols = vocabulary_size(now);
    m->then = vocabulary_size(then);
    if (are_equal(then, now))
        return STATUS_OK;
    m->numbers = memory_create((size_t)m->symbols, sizeof(*m->numbers));
    status result = m->numbers != NULL ? list_symbols(&table, then)
                                       : fail(STATUS_NOMEM, "no memory to match symbols");
    if (result == STATUS_OK)
        fill(m, &table, now);
    string_table_free(&table);
    return result;
}

static status match_sides(transfer *t, const checkpoint *from, const sides *now)
{
    sides then;

    TRY(sides_load(&then, from->reader));
    status result = STATUS_OK;
    for (int side = 0; result == STATUS_OK && side < SIDES; side++)
        result = match_side(&t->sides[side], sides_vocabulary(&then, (dataset_side)side),
                            sides_vocabulary(now, (dataset_side)side));
    sides_free(&then);
    return result;
}

/* ---- parameters that the checkpoint lacks ---- */

/* Of what stands on the body (model/task.h) another kind of model may have nothing: that starts
 * fresh. A body is taken whole. */
static bool is_of_head(const char *name)
{
    static const char *const body[] = {"encoder.", "decoder.", "source_", "target_"};

    for (size_t i = 0; i < sizeof(body) / sizeof(body[0]); i++)
        if (strncmp(name, body[i], strlen(body[i])) == 0)
            return false;
    return true;
}

static bool starts_fresh(const transfer *t, const char *name)
{
    char path[PARAMETER_NAME + sizeof("/parameters/")];

    snprintf(path, sizeof(path), "/parameters/%s", name);
    return is_of_head(name) && !store_has(t->reader, path);
}

/* How many do, with a line of the log for each. */
static int say_fresh(const transfer *t)
{
    int count = 0;

    for (int i = 0; i < t->to->count; i++)
        if (starts_fresh(t, t->to->list[i].name)) {
            log_line("%s is not in the checkpoint and starts fresh", t->to->list[i].name);
            count++;
        }
    return count;
}

/* ---- rows ---- */

/* A classifier has no rows for the specials: its first is of the symbol behind them. */
static int first_of(const char *name)
{
    return strncmp(name, "classifier.", strlen("classifier.")) == 0 ? TOKEN_SPECIALS : 0;
}

/* Whose symbols the rows of a tensor stand for; NULL when they stand for none. */
static const match *match_of(const transfer *t, const char *name)
{
    if (first_of(name) > 0)
        return &t->sides[SIDE_TARGET];
    if (strcmp(name, "source_embedding.weight") == 0)
        return &t->sides[SIDE_SOURCE];
    if (strcmp(name, "target_embedding.weight") == 0 || strcmp(name, "generator.weight") == 0 ||
        strcmp(name, "generator.bias") == 0)
        return &t->sides[SIDE_TARGET];
    return NULL;
}

static status lay_out(transfer *t)
{
    int index;

    for (int i = 0; i < t->to->count; i++) {
        const parameter *like = &t->to->list[i];
        const match *m = match_of(t, like->name);
        int then = m != NULL ? m->then - first_of(like->name) : 0;
        int rows = m != NULL && like->dimensions == 2 ? then : like->rows;
        int cols = m != NULL && like->dimensions == 1 ? then : like->cols;

        if (starts_fresh(t, like->name))
            continue;
        TRY(parameters_add(&t->from, &index, like->name, like->dimensions, rows, cols,
                           FILL_ZERO));
    }
    for (int i = 0; t->to->buffers != NULL && i < t->to->buffers->count; i++)
        TRY(parameters_add_buffer(&t->from, &index, t->to->buffers->list[i].name,
                                  t->to->buffers->list[i].cols, FILL_ZERO));
    return parameters_allocate(&t->from, 0);
}

static void copy_rows(const match *m, const parameter *to, float *values, const float *from)
{
    size_t size = to->dimensions == 2 ? (size_t)to->cols : 1;
    int first = first_of(to->name);

    for (int i = first; i < m->symbols; i++)
        if (m->numbers[i] >= first)
            memcpy(values + (size_t)(i - first) * size,
                   from + (size_t)(m->numbers[i] - first) * size, size * sizeof(*values));
}

static void copy(const transfer *t)
{
    const parameters *to = t->to, *from = &t->from;

    for (int i = 0; i < to->count; i++) {
        const match *m = match_of(t, to->list[i].name);
        int theirs_at = parameters_find(from, to->list[i].name);
        float *values = to->values + to->list[i].first;

        if (theirs_at < 0)
            continue;
        const float *theirs = parameters_values(from, theirs_at);
        if (m != NULL && m->numbers != NULL)
            copy_rows(m, &to->list[i], values, theirs);
        else
            memcpy(values, theirs, to->list[i].count * sizeof(*values));
    }
    if (to->buffers != NULL)
        memcpy(to->buffers->values, from->buffers->values,
               to->buffers->floats * sizeof(*to->buffers->values));
}

/* Of a side whose symbols something stands for. */
static void say(const transfer *t, dataset_side side)
{
    const match *m = &t->sides[side];
    bool counts = false;

    for (int i = 0; i < t->from.count; i++)
        counts |= match_of(t, t->from.list[i].name) == m;
    if (m->numbers != NULL && counts)
        log_line("%s vocabulary: %d of %d symbols are in the checkpoint, %d start fresh",
                 side_name(side), m->known, m->symbols, m->symbols - m->known);
}

static status load_matched(transfer *t, const checkpoint *from)
{
    parameters_init(&t->from);
    status result = lay_out(t);
    if (result == STATUS_OK)
        result = load(t, from, &t->from);
    if (result == STATUS_OK) {
        copy(t);
        say(t, SIDE_SOURCE);
        say(t, SIDE_TARGET);
    }
    parameters_free(&t->from);
    return result;
}

status transfer_load(const checkpoint *from, const sides *now, const parameters *p)
{
    transfer t = {.reader = from->reader, .to = p};
    status result = match_sides(&t, from, now);
    bool same = t.sides[SIDE_SOURCE].numbers == NULL && t.sides[SIDE_TARGET].numbers == NULL;

    if (result == STATUS_OK)
        same = say_fresh(&t) == 0 && same;
    if (result == STATUS_OK)
        result = same ? load(&t, from, p) : load_matched(&t, from);
    for (int side = 0; side < SIDES; side++)
        memory_destroy(t.sides[side].numbers);
    return result;
}

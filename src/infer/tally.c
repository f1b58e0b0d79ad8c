/* tally.c - losses summed per grain, and over the grains in the tree. */
#include "lockstep/infer/tally.h"

#include <string.h>

#include "lockstep/base/memory.h"

static size_t size_of(const tally *t)
{
    return (size_t)TALLY_FIELDS * (size_t)t->whole.total;
}

status tally_init(tally *t, int grains)
{
    *t = (tally){0};
    TRY(tree_run_init(&t->whole, 0, grains, grains));
    t->values = memory_create(size_of(t), sizeof(*t->values));
    t->sums = memory_create(size_of(t), sizeof(*t->sums));
    if (t->values == NULL || t->sums == NULL)
        return fail(STATUS_NOMEM, "no memory for the sums of %d grains", grains);
    return STATUS_OK;
}

void tally_free(tally *t)
{
    tree_run_free(&t->whole);
    memory_destroy(t->values);
    memory_destroy(t->sums);
    *t = (tally){0};
}

static double *field(const tally *t, double *values, int name)
{
    return values + (size_t)name * (size_t)t->whole.total;
}

static void add_rows(tally *t, const feed *f, int g, const generator_result *rows)
{
    double loss = 0.0, nll = 0.0, correct = 0.0;
    int first = f->fed.grain_rows[g], end = f->fed.grain_rows[g + 1], scored = 0, judged = 0;

    for (int r = first; r < end; r++) {
        loss += (double)rows->loss[r];
        nll += (double)rows->nll[r];
        correct += rows->correct[r];
        scored += f->gold[r] >= 0;
        judged += f->gold[r] != GOLD_NONE;
    }
    int grain = f->fed.first_grain + g;
    field(t, t->values, TALLY_LOSS)[grain] += loss;
    field(t, t->values, TALLY_NLL)[grain] += nll;
    field(t, t->values, TALLY_CORRECT)[grain] += correct;
    field(t, t->values, TALLY_TOKENS)[grain] += scored;
    field(t, t->values, TALLY_JUDGED)[grain] += judged;
}

static void add_lengths(tally *t, const packed *fed, int g, const generator_result *sentences)
{
    double nll = 0.0, correct = 0.0;
    int first = fed->grain_sequences[g], end = fed->grain_sequences[g + 1];

    for (int s = first; s < end; s++) {
        nll += (double)sentences->nll[s];
        correct += sentences->correct[s];
    }
    int grain = fed->first_grain + g;
    field(t, t->values, TALLY_LENGTH_NLL)[grain] += nll;
    field(t, t->values, TALLY_LENGTH_CORRECT)[grain] += correct;
    field(t, t->values, TALLY_LENGTHS)[grain] += end - first;
}

static void add_gates(tally *t, const feed *f, int g, const float *gates)
{
    double sum = 0.0;
    int first = f->fed.grain_rows[g], end = f->fed.grain_rows[g + 1];

    for (int r = first; r < end; r++)
        sum += (double)gates[r];
    field(t, t->values, TALLY_GATE)[f->fed.first_grain + g] += sum;
    field(t, t->values, TALLY_GATES)[f->fed.first_grain + g] += end - first;
}

void tally_add(tally *t, const feed *f, const head_result *result)
{
    for (int g = 0; g < f->fed.grains; g++) {
        add_rows(t, f, g, &result->rows);
        if (result->sentences.nll != NULL)
            add_lengths(t, &f->fed, g, &result->sentences);
        if (result->gates != NULL)
            add_gates(t, f, g, result->gates);
    }
}

losses tally_take(tally *t, world *world)
{
    double total[TALLY_FIELDS];

    memcpy(t->sums, t->values, size_of(t) * sizeof(*t->sums));
    memset(t->values, 0, size_of(t) * sizeof(*t->values));
    world_union(world, t->sums, size_of(t));
    for (int f = 0; f < TALLY_FIELDS; f++) {
        double *values = field(t, t->sums, f);
        tree_sum(&t->whole, values, 1);
        total[f] = values[0];
    }
    double tokens = total[TALLY_TOKENS] > 0.0 ? total[TALLY_TOKENS] : 1.0;
    double judged = total[TALLY_JUDGED] > 0.0 ? total[TALLY_JUDGED] : 1.0;
    double gates = total[TALLY_GATES];
    double lengths = total[TALLY_LENGTHS] > 0.0 ? total[TALLY_LENGTHS] : 1.0;
    return (losses){.loss = total[TALLY_LOSS] / tokens,
                    .nll = total[TALLY_NLL] / tokens,
                    .accuracy = total[TALLY_CORRECT] / judged,
                    .tokens = total[TALLY_TOKENS],
                    .unknown = total[TALLY_JUDGED] - total[TALLY_TOKENS],
                    .length_loss = total[TALLY_LENGTH_NLL] / lengths,
                    .length_accuracy = total[TALLY_LENGTH_CORRECT] / lengths,
                    .lengths = total[TALLY_LENGTHS],
                    .gate = total[TALLY_GATE] / (gates > 0.0 ? gates : 1.0),
                    .gates = gates};
}

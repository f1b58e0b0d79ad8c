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

void tally_add(tally *t, const packed *target, const generator_result *result)
{
    for (int g = 0; g < target->grains; g++) {
        double loss = 0.0, nll = 0.0, correct = 0.0;
        int first = target->grain_rows[g], end = target->grain_rows[g + 1];
        for (int r = first; r < end; r++) {
            loss += (double)result->loss[r];
            nll += (double)result->nll[r];
            correct += result->correct[r];
        }
        int grain = target->first_grain + g;
        field(t, t->values, TALLY_LOSS)[grain] += loss;
        field(t, t->values, TALLY_NLL)[grain] += nll;
        field(t, t->values, TALLY_CORRECT)[grain] += correct;
        field(t, t->values, TALLY_TOKENS)[grain] += end - first;
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
    return (losses){.loss = total[TALLY_LOSS] / tokens,
                    .nll = total[TALLY_NLL] / tokens,
                    .accuracy = total[TALLY_CORRECT] / tokens,
                    .tokens = total[TALLY_TOKENS]};
}

/* tally.h - losses summed per grain, and over the grains in the tree (slab/tree.h), so
 * that the figures a run prints do not depend on the number of ranks either. */
#ifndef LOCKSTEP_INFER_TALLY_H
#define LOCKSTEP_INFER_TALLY_H

#include "lockstep/comm/world.h"
#include "lockstep/model/task.h"
#include "lockstep/slab/tree.h"

enum {
    TALLY_LOSS,
    TALLY_NLL,
    TALLY_CORRECT,
    TALLY_TOKENS,
    TALLY_JUDGED,
    TALLY_LENGTH_NLL,
    TALLY_LENGTH_CORRECT,
    TALLY_LENGTHS,
    TALLY_GATE,
    TALLY_GATES,
    TALLY_FIELDS
};

typedef struct tally {
    tree_run whole; /* all grains of a batch */
    double *values; /* [TALLY_FIELDS][grains], this rank's grains' positions set */
    double *sums;   /* the same, of all ranks */
} tally;

/* Means over all target tokens that were added and scored, on all ranks. */
typedef struct losses {
    double loss;     /* with label smoothing, per token */
    double nll;      /* without, per token */
    double accuracy; /* share of tokens, unknown ones too, whose gold was the likeliest */
    double tokens;
    double unknown; /* labels or tags that training never saw: wrong, and in no loss */
    /* Over sentences, where a classifier says how long an output is. */
    double length_loss;     /* -log p of the target's length */
    double length_accuracy; /* share whose length was the likeliest */
    double lengths;         /* sentences; 0: there is no such classifier */
    double gate;            /* share that is generated, not copied, in the mean */
    double gates;           /* tokens; 0: nothing is copied */
} losses;

MUST_CHECK status tally_init(tally *t, int grains);
void tally_free(tally *t);

void tally_add(tally *t, const feed *f, const head_result *result);

/* [collective] What was added since the last call, and start anew. */
losses tally_take(tally *t, world *world);

#endif

/* ranking.h - the best validations of a run so far, best first. */
#ifndef LOCKSTEP_CHECKPOINT_RANKING_H
#define LOCKSTEP_CHECKPOINT_RANKING_H

#include <stdbool.h>
#include <stdint.h>

enum { RANKING_MOST = 64 }; /* the largest checkpoint.keep_best */

/* What a validation measured. Of two with one score the lower loss is better; a loss that is
 * not known is infinite. */
typedef struct measurement {
    double score; /* validation.metric */
    double loss;  /* per target token */
} measurement;

/* Start from {0}. */
typedef struct ranking {
    int64_t count;
    int64_t higher;              /* 1: higher is better; 0: lower */
    int64_t steps[RANKING_MOST]; /* [count]; 0 behind */
    double scores[RANKING_MOST]; /* of each; the earlier of two equal ones stands first */
    double losses[RANKING_MOST];
} ranking;

/* Is `one` better than `other`? */
bool ranking_prefers(const ranking *r, measurement one, measurement other);

/* One more validation, later than all others; the worst of too many goes. A score that is
 * not a number has no rank. */
void ranking_add(ranking *r, int64_t step, measurement of);

/* Is it among the first `places`? */
bool ranking_has(const ranking *r, int64_t step, int places);

#endif

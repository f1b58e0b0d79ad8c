/* plan.h - how a run of pairs is cut into batches, and these into grains.
 *
 * A pure function of the pairs' costs, so every rank has the same plan without a
 * word to the others.
 */
#ifndef LOCKSTEP_DATA_PLAN_H
#define LOCKSTEP_DATA_PLAN_H

#include <stdint.h>

#include "lockstep/base/status.h"

/* Grain g of batch b holds the pairs cuts[b * grains + g] up to, without,
 * cuts[b * grains + g + 1]; grains may be empty, batches are not. Owned:
 * plan_free. */
typedef struct plan {
    int batches, grains; /* grains of each batch */
    int32_t *cuts;       /* [batches * grains + 1] */
} plan;

/* Pair i costs costs[i] >= 1 positions. A batch takes pairs in their order as
 * long as the sum is at most `tokens`; a pair that costs more is a batch of its own.
 * The boundary before grain g is the one whose running cost is nearest to g /
 * grains of the batch, the earlier of two as near. */
MUST_CHECK status plan_init(plan *out, const int32_t *costs, int count, int tokens, int grains);
void plan_free(plan *old); /* a zeroed plan is fine */

/* The cuts of batch b: [grains + 1], of which the last is the next one's first. */
const int32_t *plan_batch(const plan *from, int b);

#endif

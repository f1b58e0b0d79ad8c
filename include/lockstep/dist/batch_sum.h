/* batch_sum.h - sums over the grains of the global batch, on all ranks: what batch norm's
 * statistics are made of (nn/pass.h's batch_sums).
 *
 * Values are added in the tree of tensor/tree.h, so the sums are the same on every rank and
 * have the same bits on any number of them.
 */
#ifndef LOCKSTEP_DIST_BATCH_SUM_H
#define LOCKSTEP_DIST_BATCH_SUM_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/nn/pass.h"

typedef struct batch_sum batch_sum;

/* For at most `most` values at a time; borrows `world`. Nothing is allocated afterwards.
 * `*out` is owned: batch_sum_destroy. A failure may be this rank's alone: world_agree. */
MUST_CHECK status batch_sum_create(batch_sum **out, world *world, int grains, int most);
void batch_sum_destroy(batch_sum *b); /* NULL is fine */

/* For a pass; it lives as long as `b`. */
const batch_sums *batch_sum_hook(const batch_sum *b);

#endif

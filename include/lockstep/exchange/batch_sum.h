/* batch_sum.h - sums over the grains of the global batch, on all ranks: what batch norm's
 * statistics are made of (slab/hooks.h).
 *
 * Values are added in the tree of slab/tree.h, so the sums are the same on every rank and
 * have the same bits on any number of them.
 */
#ifndef LOCKSTEP_EXCHANGE_BATCH_SUM_H
#define LOCKSTEP_EXCHANGE_BATCH_SUM_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/slab/hooks.h"
#include "lockstep/slab/tree.h"

typedef struct batch_sum batch_sum;

/* For at most `most` values at a time; borrows `world`. Nothing is allocated afterwards.
 * `*out` is owned: batch_sum_destroy. A failure may be this rank's alone: world_agree. */
MUST_CHECK status batch_sum_create(batch_sum **out, world *world, int grains, int most);
void batch_sum_destroy(batch_sum *b); /* NULL is fine */

/* For a pass; it lives as long as `b`. */
const batch_sums *batch_sum_hook(const batch_sum *b);

#endif

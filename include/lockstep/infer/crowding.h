/* crowding.h - more threads than cores. */
#ifndef LOCKSTEP_INFER_CROWDING_H
#define LOCKSTEP_INFER_CROWDING_H

#include "lockstep/comm/world.h"
#include "lockstep/infer/placement.h"

/* [collective] Where each rank runs, [world_size] on rank 0 (owned: memory_destroy), NULL on
 * the others. */
MUST_CHECK status crowding_collect(world *w, placement **out);

/* Warn once where ranks, `threads` each, have more threads than cores (placement_crowded).
 * Nothing where `all` is NULL. */
void crowding_look(const placement *all, int ranks, int threads);

/* [collective] Both. */
MUST_CHECK status crowding_warn(world *w, int threads);

#endif

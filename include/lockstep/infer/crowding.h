/* crowding.h - more threads than cores. */
#ifndef LOCKSTEP_INFER_CROWDING_H
#define LOCKSTEP_INFER_CROWDING_H

#include "lockstep/infer/placement.h"

/* Warn once where ranks, `threads` each, have more threads than cores (placement_crowded).
 * Nothing where `all` is NULL. */
void crowding_look(const placement *all, int ranks, int threads);

/* [collective] Likewise, of ranks as they are placed. */
MUST_CHECK status crowding_warn(world *w, int threads);

#endif

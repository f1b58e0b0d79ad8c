/* crowding.h - more threads than cores. */
#ifndef LOCKSTEP_INFER_CROWDING_H
#define LOCKSTEP_INFER_CROWDING_H

#include "lockstep/comm/world.h"

/* [collective] Warn once where the ranks of a host, `threads` each, have more threads than
 * cores that they may run on (mpirun may have bound them to few). */
MUST_CHECK status crowding_warn(world *w, int threads);

#endif

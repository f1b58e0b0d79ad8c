/* scratch.h - the arena that holds what a batch needs on its way through the model. */
#ifndef LOCKSTEP_INFER_SCRATCH_H
#define LOCKSTEP_INFER_SCRATCH_H

#include "lockstep/base/arena.h"
#include "lockstep/comm/world.h"

/* An arena of the machine's memory. A batch that does not fit ends the job, all ranks,
 * with status 1 and one message that says what to do (world_abort). `world` is borrowed,
 * the arena owned: arena_free. */
MUST_CHECK status scratch_open(arena *out, world *world);

#endif

/* text_ranks.h - all ranks work on the text of a dataset that rank 0 prepares. */
#ifndef LOCKSTEP_TRAIN_TEXT_RANKS_H
#define LOCKSTEP_TRAIN_TEXT_RANKS_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/text_crew.h"

/* [collective] Rank 0 alone calls `work`; all of them, itself too, do what its crew is given.
 * Each of the others has some orders ahead, and rank 0 works on one where it would only wait.
 * All ranks end alike, and a failure is told once (world_agree). */
MUST_CHECK status text_ranks_run(world *world, const config *config,
                                 status (*work)(void *user, const text_crew *crew), void *user);

#endif

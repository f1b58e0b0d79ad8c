/* audio_ranks.h - all ranks read the audio files of a dataset that rank 0 prepares. */
#ifndef LOCKSTEP_TRAIN_AUDIO_RANKS_H
#define LOCKSTEP_TRAIN_AUDIO_RANKS_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/audio_block.h"

/* [collective] Rank 0 alone calls `work`, all of them read the blocks that it has its crew
 * read. All ranks end alike, and a failure is told once (world_agree). */
MUST_CHECK status audio_ranks_run(world *world, const config *config,
                                  status (*work)(void *user, const audio_crew *crew),
                                  void *user);

#endif

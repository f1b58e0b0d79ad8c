/* feed.h - what the decoder is fed. */
#ifndef LOCKSTEP_MODEL_FEED_H
#define LOCKSTEP_MODEL_FEED_H

#include "lockstep/base/arena.h"
#include "lockstep/tensor/packed.h"

/* Teacher forcing: each sentence as <begin> and the truth without its last symbol, so that
 * every place is asked for the truth's symbol there. The ids stand in the arena and may be
 * changed; all else is the truth's. */
packed feed_truth(arena *arena, const packed *truth);

#endif

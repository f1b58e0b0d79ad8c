/* feed.h - what the decoder is fed. */
#ifndef LOCKSTEP_MODEL_FEED_H
#define LOCKSTEP_MODEL_FEED_H

#include "lockstep/base/arena.h"
#include "lockstep/tensor/packed.h"

/* The truth y1..yn <end> as an autoregressive decoder reads it, <begin> y1..yn: the same
 * sentences in the same grains, and row t's gold symbol is truth->ids[t]. The numbers are
 * in the arena, and `*ids`, unless it is NULL, is them to be changed; all else is shared
 * with the truth. Every sentence has at least its <end>. */
packed feed_truth(arena *arena, const packed *truth, int32_t **ids);

#endif

/* feed.h - what the decoder is fed. */
#ifndef LOCKSTEP_MODEL_FEED_H
#define LOCKSTEP_MODEL_FEED_H

#include "lockstep/model/task.h"

/* The truth y1..yn <end> as an autoregressive decoder reads it, <begin> y1..yn: the same
 * sentences in the same grains, and row t's gold symbol is truth->ids[t]. The numbers are
 * in the arena, and `*ids`, unless it is NULL, is them to be changed; all else is shared
 * with the truth. Every sentence has at least its <end>. */
packed feed_truth(arena *arena, const packed *truth, int32_t **ids);

/* How a parallel decoder is fed. */
typedef struct feed_parallel {
    int tokens; /* places of every sentence; 0: as many as its truth has */
    bool
        masked; /* <mask> stands at unknown places, and the truth may at others; else <begin> */
} feed_parallel;

/* Every place of the truth is unknown and scored; but if `masked`, with `draws`, a number of
 * places drawn from 1 to all of a sentence's are, evenly chosen, and the truth is fed at the
 * others. Places behind the truth are unknown and not scored. */
feed feed_places(const feed_parallel *how, const pass *pass, const packed *truth, bool draws);

/* Without a decoder: the truth's rows against the head's symbols, which begin with `first`.
 * <unk> is GOLD_UNKNOWN, and a row without a symbol, -1, is not scored. */
feed feed_answers(const pass *pass, const packed *truth, int first);

#endif

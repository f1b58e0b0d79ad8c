/* synthetic.h - random sentence pairs for a measurement that needs no data.
 *
 * A source's length is uniform between half and one and a half times the mean; its target
 * differs by at most an eighth of the mean, as translations do, and has the same mean; or is a
 * label, or a tag for each symbol.
 * Symbols are uniform over all but the specials, the values of frames over a range with mean 0
 * and variance 1. Everything follows from (seed, pair).
 */
#ifndef LOCKSTEP_TRAIN_SYNTHETIC_H
#define LOCKSTEP_TRAIN_SYNTHETIC_H

#include "lockstep/data/pair_source.h"
#include "lockstep/model/task.h"

typedef struct synthetic {
    uint64_t seed;
    int vocabulary; /* symbols of either side, specials included; more than TOKEN_SPECIALS */
    int length;     /* mean, without specials; at least 1 */
    int width;      /* of frames, which take the place of the source's symbols; 0: symbols */
    task_output output; /* what a target is */
} synthetic;

/* Borrows `of`. Its loads never fail. */
pair_source synthetic_source(synthetic *of, int64_t pairs);

/* Tokens of the longest sentence there may be. */
int synthetic_longest(int length);

#endif

/* made_up_pairs.h - a set of pairs of any size, without a file: lengths and ids
 * follow from the pair's number.
 */
#ifndef LOCKSTEP_TESTS_MADE_UP_PAIRS_H
#define LOCKSTEP_TESTS_MADE_UP_PAIRS_H

#include <stdint.h>

#include "lockstep/data/pair_source.h"

typedef struct made_up_pairs {
    int64_t loaded;   /* pairs whose sources were read so far */
    int64_t fails_at; /* reading this pair fails; -1 for none */
} made_up_pairs;

/* Borrows `set`. */
pair_source made_up_source(made_up_pairs *set, int64_t pairs);

int made_up_source_length(int64_t pair); /* 0 to 19 */
int made_up_target_length(int64_t pair); /* 0 to 24 */
int32_t made_up_source_id(int64_t pair, int i);
int32_t made_up_target_id(int64_t pair, int i);

#endif

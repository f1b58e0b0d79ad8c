/* pair_source.h - where a loader's pairs come from: a prepared dataset, or
 * sentences made up for a measurement or a test.
 */
#ifndef LOCKSTEP_DATA_PAIR_SOURCE_H
#define LOCKSTEP_DATA_PAIR_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/side.h"

typedef struct pair_source {
    void *context; /* borrowed, handed to both functions, which two threads may call at once */
    int64_t pairs;
    element elements[SIDES];
    bool all_scored; /* no target holds -1, so that none need be read to count those that do */
    /* out[0..count): positions of one side of the pairs [first, first + count), without
     * specials. */
    status (*lengths)(void *context, dataset_side side, int64_t first, int64_t count,
                      int32_t *out);
    /* The side's elements of these pairs, one pair after another, without specials. Room is
     * the caller's: lengths and element_size tell how much. Allocates nothing. */
    status (*load)(void *context, dataset_side side, int64_t first, int64_t count, void *out);
} pair_source;

#endif

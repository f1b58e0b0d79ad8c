/* pair_source.h - where a loader's pairs come from: a prepared dataset, or
 * sentences made up for a measurement or a test.
 */
#ifndef LOCKSTEP_DATA_PAIR_SOURCE_H
#define LOCKSTEP_DATA_PAIR_SOURCE_H

#include <stdint.h>

#include "lockstep/base/status.h"

/* The functions have the contracts of dataset_lengths and dataset_load
 * (dataset.h): consecutive pairs, ids without specials. */
typedef struct pair_source {
    void *context; /* borrowed, handed to both functions */
    int64_t pairs;
    status (*lengths)(void *context, int64_t first, int64_t count, int32_t *source,
                      int32_t *target);
    status (*load)(void *context, int64_t first, int64_t count, int32_t *source_ids,
                   int32_t *target_ids);
} pair_source;

#endif

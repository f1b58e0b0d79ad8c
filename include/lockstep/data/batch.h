/* batch.h - what a rank needs of one global batch. */
#ifndef LOCKSTEP_DATA_BATCH_H
#define LOCKSTEP_DATA_BATCH_H

#include <stdint.h>

#include "lockstep/tensor/packed.h"

/* Borrowed from the loader until its next call. */
typedef struct batch {
    packed source;                /* x1..xn <end> */
    packed target;                /* <begin> y1..yn; the same sentences in the same grains */
    const int32_t *gold;          /* [target.rows] y1..yn <end> */
    const int64_t *pairs;         /* [source.sequences] numbers of the pairs in the set */
    int64_t global_source_tokens; /* rows of all ranks */
    int64_t global_target_tokens;
    int64_t global_pairs;
} batch;

#endif

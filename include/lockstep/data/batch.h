/* batch.h - what a rank needs of one global batch. */
#ifndef LOCKSTEP_DATA_BATCH_H
#define LOCKSTEP_DATA_BATCH_H

#include <stdint.h>

#include "lockstep/tensor/packed.h"

/* Borrowed from the loader until its next call. Frames have become floats. Each side has the
 * specials that the loader was told; with <end> on both: x1..xn <end> and y1..yn <end>. */
typedef struct batch {
    packed source;
    packed target;                /* the truth; the same sentences in the same grains */
    const int64_t *pairs;         /* [source.sequences] numbers of the pairs in the set */
    int64_t global_source_tokens; /* rows of all ranks */
    int64_t global_target_tokens; /* the same, without those that hold -1 */
    int64_t global_pairs;
} batch;

#endif

/* packed_run.h - the grains [first, last) of a batch, as the rank that has them holds them. */
#ifndef LOCKSTEP_TESTS_PACKED_RUN_H
#define LOCKSTEP_TESTS_PACKED_RUN_H

#include "lockstep/tensor/packed.h"

typedef struct packed_run {
    packed packed;
    int first_row;                                   /* of the run, in the batch */
    int32_t *offsets, *grain_rows, *grain_sequences; /* owned */
} packed_run;

/* ids [rows] (borrowed, or NULL), offsets [sequences + 1] and grain_sequences [grains + 1]
 * describe the whole batch. */
packed_run packed_run_create(const int32_t *ids, const int32_t *offsets,
                             const int32_t *grain_sequences, int first, int last);
void packed_run_free(packed_run *run);

#endif

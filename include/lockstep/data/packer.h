/* packer.h - the buffers that a batch stands in, filled pair by pair. */
#ifndef LOCKSTEP_DATA_PACKER_H
#define LOCKSTEP_DATA_PACKER_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/batch.h"
#include "lockstep/data/window.h"

typedef struct packer_side {
    int32_t *ids, *offsets, *grain_rows;
    int rows, room; /* filled, allocated */
} packer_side;

typedef struct packer {
    packer_side source, target;
    int32_t *gold, *grain_sequences;
    int64_t *pairs;
    int sequences, room; /* filled, allocated */
    int grains, grain_room;
} packer;

/* Start from {0}. Make room for at most so many rows and pairs in `grains`
 * grains; keeps larger room, loses what was packed. Owned: packer_free. */
MUST_CHECK status packer_reserve(packer *p, int source_rows, int target_rows, int pairs,
                                 int grains);
void packer_free(packer *p);

/* An empty batch; then for each grain its pairs, and packer_end_grain. */
void packer_begin(packer *p);
void packer_add(packer *p, const window *from, int32_t pair);
void packer_end_grain(packer *p);

/* The two sides and the arrays of `out`; borrowed until the next packer_begin. */
void packer_batch(const packer *p, int first_grain, batch *out);

#endif

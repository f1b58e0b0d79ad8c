/* packer.h - the buffers that a batch stands in, filled pair by pair. */
#ifndef LOCKSTEP_DATA_PACKER_H
#define LOCKSTEP_DATA_PACKER_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/batch.h"
#include "window.h"

typedef struct packer_side {
    element element;
    specials specials;
    void *elements;
    int32_t *offsets, *grain_rows;
    int rows, room; /* filled, allocated */
} packer_side;

typedef struct packer {
    packer_side sides[SIDES];
    int32_t *grain_sequences;
    int64_t *pairs;
    int sequences, room; /* filled, allocated */
    int grains, grain_room;
} packer;

/* Without room. A side of frames has no specials. Owned: packer_free. */
void packer_init(packer *p, const element elements[SIDES], const specials specials[SIDES]);
void packer_free(packer *p);

/* Make room for at most so many rows of each side, specials included, and pairs in `grains`
 * grains; keeps larger room, loses what was packed. */
MUST_CHECK status packer_reserve(packer *p, const int rows[SIDES], int pairs, int grains);

/* An empty batch; then for each grain its pairs, and packer_end_grain. */
void packer_begin(packer *p);
void packer_add(packer *p, const window *from, int32_t pair);
void packer_end_grain(packer *p);

/* The two sides and the pairs of `out`; borrowed until the next packer_begin. */
void packer_batch(const packer *p, int first_grain, batch *out);

#endif

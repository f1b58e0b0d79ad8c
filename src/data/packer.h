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
    void *elements; /* int32_t [rows], or of frames float [rows, width] */
    int32_t *offsets, *grain_rows;
    int rows, room;   /* filled, allocated */
    uint16_t *halves; /* a sentence of frames, as it is read */
    int halves_room;  /* positions */
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

/* Room for a batch. */
typedef struct packer_room {
    int rows[SIDES];    /* of all sentences, specials included */
    int longest[SIDES]; /* of one of frames; else not used */
    int pairs, grains;
} packer_room;

/* Make room for at most so much; keeps larger room, loses what was packed. */
MUST_CHECK status packer_reserve(packer *p, const packer_room *room);

/* An empty batch; then for each grain its pairs, and packer_end_grain. Frames are read from the
 * window's source and become floats. Allocates nothing. */
void packer_begin(packer *p);
MUST_CHECK status packer_add(packer *p, const window *from, int32_t pair);
void packer_end_grain(packer *p);

/* The two sides and the pairs of `out`; borrowed until the next packer_begin. */
void packer_batch(const packer *p, int first_grain, batch *out);

#endif

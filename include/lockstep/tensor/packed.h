/* packed.h - the sentences of a batch, one after another, without padding.
 *
 * Row t of every [rows, width] matrix belongs to token t, or to frame t of audio.
 * Sentences stand in grains, the units of summation (slab/tree.h); a rank holds a
 * contiguous run of the global batch's grains. A grain may be empty.
 */
#ifndef LOCKSTEP_TENSOR_PACKED_H
#define LOCKSTEP_TENSOR_PACKED_H

#include <stdint.h>

#include "lockstep/base/arena.h"

typedef struct packed {
    int rows;                       /* tokens held by this rank */
    int sequences;                  /* sentences held by this rank */
    int grains;                     /* grains held by this rank */
    int first_grain;                /* number of the first in the global batch */
    const int32_t *ids;             /* [rows] token numbers; NULL for frames */
    const float *frames;            /* [rows, frame_width]; NULL for tokens */
    int frame_width;                /* 0 for tokens */
    const int32_t *offsets;         /* [sequences + 1] first row of each */
    const int32_t *grain_rows;      /* [grains + 1] first row of each grain */
    const int32_t *grain_sequences; /* [grains + 1] first sentence of each */
} packed;

/* Sentences in a single grain, for who decodes them: ids [offsets[sequences]], NULL for frames,
 * which the caller then sets, and offsets [sequences + 1], which begins with 0, are borrowed;
 * the rest is on `arena`. */
packed packed_one_grain(arena *arena, const int32_t *ids, const int32_t *offsets,
                        int sequences);

#endif

/* dropout.h - which elements of a run of rows are dropped (Srivastava et al. 2014).
 *
 * The mask is a function of (seed, draw, site, grain, row, column), so forward and
 * backward make it anew instead of storing it, and no rank or thread matters.
 */
#ifndef LOCKSTEP_TENSOR_DROPOUT_H
#define LOCKSTEP_TENSOR_DROPOUT_H

#include <stdint.h>

/* Kept elements are multiplied by `scale` = 1 / (1 - rate); an element is dropped when
 * its 16 random bits are below `threshold` = rate * 65536. */
typedef struct dropout {
    uint32_t threshold; /* 0: nothing is dropped */
    float scale;
    uint64_t seed;
    uint32_t draw;  /* below 2^24: number of the batch since the run's beginning */
    uint16_t site;  /* the place in the model */
    uint16_t grain; /* in the global batch */
    uint32_t row;   /* of the first row, counted from the start of the grain */
} dropout;

#endif

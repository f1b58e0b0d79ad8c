/* frames.h - a frame of sound and its place to a row:
 *
 *   x = dropout(frame W^T + b + positions[place])
 *
 * where `frame` is a row of stacked frames, masked while learning (nn/spec_augment.h). Frames
 * are data: they have no gradient.
 */
#ifndef LOCKSTEP_NN_FRAMES_H
#define LOCKSTEP_NN_FRAMES_H

#include "lockstep/nn/linear.h"
#include "lockstep/nn/spec_augment.h"

typedef struct frames {
    linear projection;           /* [width, frame_width] */
    const float *positions;      /* [places, width] */
    gradient positions_gradient; /* its data is NULL if fixed */
    int places;
    spec_augment augment;
    double dropout;
    int site;
} frames;

/* Kept for backward. */
typedef struct frames_saved {
    matrix in; /* [rows, frame_width], borrowed of the batch or in the arena */
} frames_saved;

/* x [rows, width] is overwritten. Every place is below `places`. */
void frames_forward(const frames *f, pass *pass, const stream *stream, matrix x,
                    frames_saved *saved);

/* dx is used up. Sets the gradients. */
void frames_backward(const frames *f, pass *pass, const stream *stream, matrix dx,
                     const frames_saved *saved);

#endif

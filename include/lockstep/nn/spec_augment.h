/* spec_augment.h - bands of frequencies and runs of time that learning does not see: frequency
 * and time masking (SpecAugment, Park et al. 2019).
 *
 * A row is `stack` frames of `mels` values, one frame after another. A mask of frequencies
 * takes f neighbouring mels, f uniform in 0..frequency_width, from all frames of a sentence;
 * one of time takes t neighbouring frames, t uniform in 0..time_width, wherever rows begin and
 * end. Where they begin is uniform too, and none is longer than what there is. Masked values
 * become 0, the mean of normalised features.
 *
 * A mask is a function of (seed, draw, grain, number of the sentence in its grain), and of how
 * many frames the sentence has.
 */
#ifndef LOCKSTEP_NN_SPEC_AUGMENT_H
#define LOCKSTEP_NN_SPEC_AUGMENT_H

#include "lockstep/nn/pass.h"

typedef struct spec_augment {
    int mels, stack;
    int frequency_masks, frequency_width; /* of a sentence; in mels */
    int time_masks, time_width;           /* of a sentence; in frames before they are stacked */
} spec_augment;

/* The frames of `packed` [rows, stack * mels] as the pass sees them: a masked copy in its arena
 * where it learns (pass->dropout) and there are masks, else the frames themselves. */
matrix spec_augment_push(const spec_augment *s, pass *pass, const packed *packed);

#endif

/* attended.h - what the places of a forward pass attended to: the softmax weights that its
 * attention blocks saved, borrowed from the pass's arena. Nothing is copied.
 */
#ifndef LOCKSTEP_MODEL_ATTENDED_H
#define LOCKSTEP_MODEL_ATTENDED_H

#include "lockstep/nn/attention_block.h"

typedef enum attended_kind {
    ATTENDED_ENCODER, /* the source to itself */
    ATTENDED_DECODER, /* what the decoder is fed to itself */
    ATTENDED_CROSS,   /* what the decoder is fed to the source */
    ATTENDED_KINDS
} attended_kind;

typedef struct attended {
    int heads;
    int layers[ATTENDED_KINDS];
    const attention_block_saved *saved[ATTENDED_KINDS]; /* [layers] */
    /* Of a copying head: its attention, as attended_weights has that of a layer of one head,
     * and the share that is generated at each place, [fed rows]; NULL without one. */
    const float *copy, *gates;
} attended;

/* "encoder", "decoder", "cross" */
const char *attended_name(attended_kind kind);

/* Of a layer and a sentence of the batch, before dropout: [heads][queries][keys]; every row
 * sums to 1, and is 0 where a mask hides the key. */
const float *attended_weights(const attended *a, attended_kind kind, int layer, int sentence);

#endif

/* encoder.h - a stack of self-attention and feed-forward blocks over the source. */
#ifndef LOCKSTEP_MODEL_ENCODER_H
#define LOCKSTEP_MODEL_ENCODER_H

#include "lockstep/config/config.h"
#include "lockstep/nn/attention_block.h"
#include "lockstep/nn/feed_forward.h"

typedef struct encoder_layer {
    attention_block self_attn;
    feed_forward feed_forward;
    attention_block_indices self_attn_indices;
    feed_forward_indices feed_forward_indices;
    int first, end; /* its parameters: [first, end) */
} encoder_layer;

typedef struct encoder {
    encoder_layer *layers; /* [count], owned */
    int count;
    bool norm_first;
    norm norm; /* pre-norm only: after the last layer */
    norm_indices norm_indices;
    int norm_at, end; /* its parameters: [norm_at, end) */
} encoder;

/* Register `encoder.layers.N...`, and encoder.norm for pre-norm. `*site` is the next free
 * dropout site. */
MUST_CHECK status encoder_init(encoder *e, const config *c, parameters *p, int *site);
/* Sets the views, once the registry is allocated; `weights` are its values. */
void encoder_view(encoder *e, const parameters *p, const weight_slab *weights);
void encoder_free(encoder *e);

typedef struct encoder_saved {
    attention_block_saved *self_attn;
    feed_forward_saved *feed_forward;
    norm_saved norm;
} encoder_saved;

/* x [rows, width] -> the memory, in the pass's arena. */
matrix encoder_forward(const encoder *e, pass *pass, const stream *source, matrix x,
                       encoder_saved *saved);

/* Gradient of the memory -> gradient of x, which is one of the two buffers: dmemory, or
 * `spare` of the same shape. Both are used up. */
matrix encoder_backward(const encoder *e, pass *pass, const stream *source, matrix dmemory,
                        matrix spare, encoder_saved *saved);

#endif

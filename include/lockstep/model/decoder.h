/* decoder.h - a stack of self-attention, cross-attention and feed-forward blocks
 * over the target. */
#ifndef LOCKSTEP_MODEL_DECODER_H
#define LOCKSTEP_MODEL_DECODER_H

#include "lockstep/config/config.h"
#include "lockstep/nn/attention_block.h"
#include "lockstep/nn/feed_forward.h"

typedef struct decoder_layer {
    attention_block self_attn, multihead_attn;
    feed_forward feed_forward;
    attention_block_indices self_attn_indices, multihead_attn_indices;
    feed_forward_indices feed_forward_indices;
    int first, end; /* its parameters: [first, end) */
} decoder_layer;

typedef struct decoder {
    decoder_layer *layers; /* [count], owned */
    int count;
    bool norm_first;
    norm norm; /* pre-norm only: after the last layer */
    norm_indices norm_indices;
    int norm_at, end; /* its parameters: [norm_at, end) */
} decoder;

/* Register `decoder.layers.N...`, and decoder.norm for pre-norm. An autoregressive decoder's
 * self-attention is masked; that of a parallel one sees all places, which is their only
 * difference. */
MUST_CHECK status decoder_init(decoder *d, const config *c, parameters *p, int *site);
/* Sets the views, once the registry is allocated; `weights` are its values. */
void decoder_view(decoder *d, const parameters *p, const weight_slab *weights);
void decoder_free(decoder *d);

typedef struct decoder_saved {
    attention_block_saved *self_attn, *multihead_attn;
    feed_forward_saved *feed_forward;
    norm_saved norm;
} decoder_saved;

/* What every layer's cross attention sees of the memory: [count], in the arena. */
attention_memory *decoder_memory_push(const decoder *d, pass *pass, matrix memory);

/* x [target rows, width] and the memory -> the last layer's output, in the arena. */
matrix decoder_forward(const decoder *d, pass *pass, const stream *target, const stream *source,
                       matrix x, attention_memory *memory, decoder_saved *saved);

/* What the layers keep of every output so far: its own keys and values, and those that are
 * made of the source once. */
typedef struct decoder_layer_cache {
    attention_cache self_attn, multihead_attn;
} decoder_layer_cache;

/* Room for the keys and values of a source's sentences of width `width`, and of `sequences`
 * outputs of at most `room` places each: [count], empty, on `arena`. */
decoder_layer_cache *decoder_layers_push(const decoder *d, arena *arena, int width,
                                         const packed *source, int sequences, int room);

/* What each layer sees of the memory of sentences that are the cache's from `first` on. */
void decoder_remember(const decoder *d, pass *pass, const stream *source, matrix memory,
                      decoder_layer_cache *cache, int first);

/* Forward of one new row of each of sequences [x.rows] of the cache, which attend to sentences
 * [x.rows] of the source: attention_block_step. In the arena. */
matrix decoder_step(const decoder *d, pass *pass, const stream *rows,
                    decoder_layer_cache *cache, const int32_t *sequences,
                    const int32_t *sentences, matrix x);

/* Gradient of the output -> gradient of x (dy or `spare`, both used up), and dmemory
 * [source rows, width], which is overwritten with the sum over layers, last first; with `add`
 * these are added to it. */
matrix decoder_backward(const decoder *d, pass *pass, const stream *target,
                        const stream *source, matrix dy, matrix spare, matrix dmemory, bool add,
                        decoder_saved *saved);

#endif

/* block_options.h - what the configuration says of every attention and feed-forward block. */
#ifndef LOCKSTEP_MODEL_BLOCK_OPTIONS_H
#define LOCKSTEP_MODEL_BLOCK_OPTIONS_H

#include "lockstep/config/config.h"
#include "lockstep/nn/attention_block.h"
#include "lockstep/nn/feed_forward.h"

/* Set all but the views; dropout sites are taken from `*site` on. */
void block_options_attention(attention_block *b, const config *c, bool cross, bool causal,
                             int *site);
void block_options_feed_forward(feed_forward *f, const config *c, int *site);

/* The final norm of a pre-norm stack, over all tiles. */
matrix final_norm_forward(const norm *n, pass *pass, const stream *stream, matrix x,
                          norm_saved *saved);
/* In place of dy; sets the gradients. */
void final_norm_backward(const norm *n, pass *pass, const stream *stream, matrix dy,
                         norm_saved *saved);

#endif

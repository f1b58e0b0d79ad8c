/* transformer.h - the assembled encoder-decoder (Vaswani et al. 2017).
 *
 * Parameters have the state-dict names of torch.nn.Transformer, with the embeddings
 * source_embedding.weight and target_embedding.weight, learned positions
 * source_positions.weight and target_positions.weight, and the output layer
 * generator.weight and generator.bias. A tied tensor is stored under the first of its names.
 */
#ifndef LOCKSTEP_MODEL_TRANSFORMER_H
#define LOCKSTEP_MODEL_TRANSFORMER_H

#include "lockstep/config/config.h"
#include "lockstep/model/decoder.h"
#include "lockstep/model/encoder.h"
#include "lockstep/nn/embedding.h"
#include "lockstep/nn/generator.h"

typedef struct transformer transformer;

/* Build the model of `c->model` for vocabularies of these sizes, parameters zero; `nodes`
 * gradient planes (0: a model that does not train). `*out` is owned. */
MUST_CHECK status transformer_create(transformer **out, const config *c, int source_symbols,
                                     int target_symbols, int nodes);
void transformer_destroy(transformer *t); /* NULL is fine */

parameters *transformer_parameters(transformer *t); /* borrowed */

/* Places a sentence may have, <begin> or <end> included. */
int transformer_places(const transformer *t);
int transformer_symbols(const transformer *t); /* of the target */

/* Losses of a batch; everything is in the pass's arena. gold [target rows]. */
void transformer_forward(const transformer *t, pass *pass, const packed *source,
                         const packed *target, const int32_t *gold, generator_result *out);

/* The source, which may be decoded with more than once. */
typedef struct transformer_memory {
    stream source;
    matrix memory;       /* [source rows, width] */
    encoder_saved saved; /* for backward */
} transformer_memory;

transformer_memory transformer_encode(const transformer *t, pass *pass, const packed *source);

/* The decoder's output [target rows, width]. */
matrix transformer_decode(const transformer *t, pass *pass, const transformer_memory *memory,
                          const packed *target);

/* The rest of a learning pass: decode, losses, and the gradients of `scale` times their sum,
 * through the encoder too: every gradient is set. The memory is used up. */
void transformer_learn(const transformer *t, pass *pass, transformer_memory *memory,
                       const packed *target, const int32_t *gold, float scale,
                       generator_result *out);

/* The one predictor: symbols [count] that come next at the rows of the decoder's output that
 * `query` names, the likeliest or drawn, as nn/generator.h has it. */
void transformer_predict(const transformer *t, pass *pass, matrix decoded,
                         const generator_query *query, int32_t *symbols);

/* For who wants the scores of all symbols: their logits [rows.rows, symbols] at rows of the
 * decoder's output, not normalised. */
void transformer_logits(const transformer *t, matrix rows, matrix logits);

/* Multiplications and additions that a training step on this batch needs in matrix
 * products: three times those of the forward pass, of which masked attention counts what
 * the mask lets through. The embeddings need none. */
typedef struct model_flops {
    double attention; /* all attention blocks, their projections included */
    double feed_forward;
    double output; /* the output layer and its loss */
} model_flops;

model_flops transformer_flops(const transformer *t, const packed *source, const packed *target);

#endif

/* copy_head.h - a pointer beside the output layer (See et al. 2017): what comes next is either
 * generated, a symbol of the layer's, or copied from a place of this sentence's source.
 *
 *   a = softmax(q k^T / sqrt(width)) over the source's places,
 *       q = Q state + b,  k = K memory + b
 *   g = sigmoid(w [state; sum a memory] + b)
 *   P(y) = g Pv(y) + (1 - g) A(y),   A(y) = the sum of a over the places that hold y
 *   nll  = -log P(y),  loss = (1 - e) nll + e * mean over the layer's symbols of -log Pv
 *
 * What a place holds is a number: a symbol of the layer's below their count, and above it
 * whatever the caller counts there; gold symbols are such numbers too. With r = g Pv(y) / P(y)
 * the gradients are (1 - e) (g - r) for the gate's logit, (1 - e) (1 - r) (a - a / A(y) where
 * the place holds y) for the scores, besides what comes through the gate, and
 * ((1 - e) r + e) Pv - e / V, less (1 - e) r at y, for the logits.
 */
#ifndef LOCKSTEP_NN_COPY_HEAD_H
#define LOCKSTEP_NN_COPY_HEAD_H

#include "lockstep/nn/copy_memory.h"
#include "lockstep/nn/generator.h"

/* What a forward pass over a batch's rows leaves for backward, in the pass's arena. */
typedef struct copy_saved {
    matrix queries;     /* [rows, width] */
    float *weights;     /* a: [rows of the sentence][its places], sentence after sentence */
    size_t *offsets;    /* [sequences + 1] where each sentence's begin */
    int32_t *sentences; /* [rows] of each */
    float *logits;      /* [rows] of the gate */
    float *gates;       /* [rows] g, the share that is generated */
    float *gold;        /* [rows] A(gold) */
    float *shares;      /* [rows] r */
} copy_saved;

/* Attention and gate of every row. */
void copy_head_attend(const copy_head *h, pass *pass, const stream *stream, matrix x,
                      const copy_memory *m, copy_saved *saved);

/* Losses alone, of rows whose attention is in `saved`. gold [x.rows]. */
void copy_head_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, const copy_memory *m, copy_saved *saved,
                       generator_result *out);

/* Losses, and the gradients of `scale` times their sum: dx and dmemory [places, width] are
 * overwritten, the gradients of the parameters and the output layer's are set. */
void copy_head_forward_backward(const copy_head *h, const generator *g, pass *pass,
                                const stream *target, const stream *source, matrix x,
                                matrix memory, const int32_t *gold, const copy_memory *m,
                                float scale, copy_saved *saved, matrix dx, matrix dmemory,
                                generator_result *out);

#endif

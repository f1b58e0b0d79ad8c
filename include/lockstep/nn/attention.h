/* attention.h - scaled dot-product attention of every (sentence, head) on its own
 * (Vaswani et al. 2017):  out = dropout(softmax(q k^T / sqrt(head width))) v
 *
 * q and out are rows of the queries' stream, k and v of the keys' stream; sentence s of
 * one attends to sentence s of the other, each head to its own head_width columns.
 */
#ifndef LOCKSTEP_NN_ATTENTION_H
#define LOCKSTEP_NN_ATTENTION_H

#include "lockstep/nn/pass.h"

typedef struct attention {
    int heads, head_width;
    bool causal;    /* a query sees no key after its own place */
    double dropout; /* of the weights */
    int site;       /* `heads` dropout sites from here on */
} attention;

typedef struct attention_saved {
    float *weights;  /* softmax before dropout: [heads][queries][keys] for each sentence */
    size_t *offsets; /* [sequences + 1] where each sentence's begin */
    size_t largest;  /* [queries, keys] of one sentence */
    int longest;     /* queries of one sentence */
} attention_saved;

/* Room for a pass, in its arena. */
void attention_push(const attention *a, pass *pass, const stream *queries, const stream *keys,
                    attention_saved *saved);

/* For the sentences of a band: out is overwritten. Matrices have all rows of their streams
 * and may be column ranges of wider ones. A head's columns of what is rounded are even. */
void attention_forward(const attention *a, pass *pass, const stream *queries,
                       const stream *keys, band band, factor q, factor k, factor v, factor out,
                       const attention_saved *saved);

/* Likewise; dq, dk and dv are overwritten. */
void attention_backward(const attention *a, pass *pass, const stream *queries,
                        const stream *keys, band band, factor q, factor k, factor v,
                        matrix dout, const attention_saved *saved, matrix dq, matrix dk,
                        matrix dv);

#endif

/* embedding.h - token and place to a row:
 *
 *   x = dropout(sqrt(width) * table[id] + positions[place])
 *
 * Positions are sinusoidal, PE[p,2i] = sin(p / 10000^(2i/width)), PE[p,2i+1] = cos(...)
 * (Vaswani et al. 2017), or a learned table (Gehring et al. 2017).
 */
#ifndef LOCKSTEP_NN_EMBEDDING_H
#define LOCKSTEP_NN_EMBEDDING_H

#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"

typedef struct embedding {
    const float *table;                          /* [symbols, width] */
    const float *positions;                      /* [places, width] */
    gradient table_gradient, positions_gradient; /* the latter's data is NULL if fixed */
    int symbols, places, width;
    double dropout;
    int site;
} embedding;

/* Fill the fixed table [places, width]; width is even. */
void embedding_sinusoids(float *positions, int places, int width);

/* x [rows, width] is overwritten. Every place is below `places`. */
void embedding_forward(const embedding *e, pass *pass, const stream *stream, matrix x);

/* dx is used up. Sets the gradients. */
void embedding_backward(const embedding *e, pass *pass, const stream *stream, matrix dx);

#endif

/* feed_forward.h - the position-wise feed-forward block with its residual and norm.
 *
 *   post-norm:  y = norm(x + dropout(linear2(dropout(act(linear1(x))))))
 *   pre-norm:   y = x + dropout(linear2(dropout(act(linear1(norm(x))))))
 */
#ifndef LOCKSTEP_NN_FEED_FORWARD_H
#define LOCKSTEP_NN_FEED_FORWARD_H

#include "lockstep/nn/linear.h"
#include "lockstep/nn/norm.h"

typedef struct feed_forward {
    linear linear1; /* [hidden, width] */
    linear linear2; /* [width, hidden] */
    norm norm;
    bool gelu;                          /* else relu */
    bool norm_first;                    /* pre-norm */
    double dropout, activation_dropout; /* of the branch, of the hidden layer */
    int site;                           /* two dropout sites: branch, hidden */
} feed_forward;

typedef struct feed_forward_indices {
    linear_indices linear1, linear2;
    norm_indices norm;
} feed_forward_indices;

/* Register `<layer>linear1.weight` ... and `<layer><norm>.weight` ...; `over_batch`
 * makes the norm a batch norm. */
MUST_CHECK status feed_forward_add(parameters *p, feed_forward_indices *out, const char *layer,
                                   const char *norm, int width, int hidden, bool over_batch);
/* Sets the views, as linear_view does; the caller fills in the options. */
void feed_forward_view(const parameters *p, const weight_slab *weights,
                       const feed_forward_indices *indices, feed_forward *out);

typedef struct feed_forward_saved {
    matrix x;      /* borrowed */
    matrix in;     /* what linear1 read: x, or norm(x) */
    factor linear; /* gelu only: linear1's output, which backward reads in the products'
                      precision */
    factor hidden; /* after activation and dropout */
    norm_saved norm;
} feed_forward_saved;

/* y is overwritten and must not overlap x. */
void feed_forward_forward(const feed_forward *f, pass *pass, const stream *stream, matrix x,
                          matrix y, feed_forward_saved *saved);

/* dx is overwritten and must not overlap dy. Sets all gradients. */
void feed_forward_backward(const feed_forward *f, pass *pass, const stream *stream, matrix dy,
                           matrix dx, feed_forward_saved *saved);

#endif

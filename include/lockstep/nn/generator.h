/* generator.h - the output layer and its loss: logits = x W^T + b against gold symbols.
 *
 *   loss = (1 - e) * nll + e * mean over the vocabulary of -log p     (Szegedy et al. 2016)
 *   nll  = -log p[gold],   p = softmax(logits)
 *
 * Logits are never held for more rows than a tile's: loss, gradient of the input and
 * gradient of the weights are taken from them while they are there.
 */
#ifndef LOCKSTEP_NN_GENERATOR_H
#define LOCKSTEP_NN_GENERATOR_H

#include "lockstep/nn/linear.h"

typedef struct generator {
    linear output; /* [symbols, width]; its weight may be a tied tensor's */
    double smoothing;
} generator;

/* What is known of every row afterwards, in the pass's arena. */
typedef struct generator_result {
    float *loss, *nll; /* [rows] natural logarithms; loss has the smoothing in it */
    uint8_t *correct;  /* [rows] 1 where gold is the likeliest symbol */
} generator_result;

/* Losses alone. gold [x.rows]. */
void generator_forward(const generator *g, pass *pass, const stream *stream, matrix x,
                       const int32_t *gold, generator_result *out);

/* Losses and gradients of `scale` times their sum: dx is overwritten, the parameters'
 * gradients are set. */
void generator_forward_backward(const generator *g, pass *pass, const stream *stream, matrix x,
                                const int32_t *gold, float scale, matrix dx,
                                generator_result *out);

/* Where predictions are wanted, and of which kind. */
typedef struct generator_query {
    const int32_t *rows;        /* [count] of x, grain after grain */
    const int32_t *grain_first; /* [grains + 1] where each grain's begin in `rows` */
    int grains;
    int32_t never;         /* a symbol that is not predicted; -1: none */
    const double *uniform; /* [count] in [0, 1): predictions are drawn from
                              softmax(logits / temperature) with them; NULL: the likeliest, of
                              equals the one of the lowest number */
    double temperature;
    const struct copy_rows *copied; /* NULL: nothing is copied (nn/copy_best.h) */
} generator_query;

/* symbols [count] predicted at the rows that are asked for, and at no others. A draw inverts
 * the cumulative distribution over the symbols in their order. Bits depend on each grain's
 * rows alone. Where no logit is a number, any symbol is predicted. */
void generator_predict(const generator *g, pass *pass, matrix x, const generator_query *query,
                       int32_t *symbols);

#endif

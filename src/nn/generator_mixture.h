/* generator_mixture.h - the output layer's loss where its softmax is only a part of what says
 * which symbol comes next (lockstep/nn/copy_head.h). */
#ifndef LOCKSTEP_SRC_NN_GENERATOR_MIXTURE_H
#define LOCKSTEP_SRC_NN_GENERATOR_MIXTURE_H

#include "lockstep/nn/generator.h"
#include "symbol_blocks.h"

/* A row's softmax, while its exponentials are there. */
typedef struct softmax_row {
    int at;         /* row of x */
    int32_t gold;   /* may be no symbol of the layer's: then it is not below their count */
    double log_p;   /* log softmax at gold; -infinity where it is no symbol */
    double largest; /* softmax of the likeliest symbol */
    double log_sum; /* of the exponentials of all logits */
    const symbol_blocks *blocks; /* [rows] of them, of which this is `row` */
    int row, rows;
} softmax_row;

/* softmax at a symbol of the layer's. */
double softmax_row_p(const softmax_row *r, int32_t symbol);

/* What the mixture makes of it. */
typedef struct mixed_row {
    double nll;     /* -log of the mixture's probability of gold */
    double share;   /* of that probability, what the softmax contributes: in [0, 1] */
    bool likeliest; /* no symbol is likelier than gold */
} mixed_row;

/* `mix` is called once for each row, for several at a time. */
typedef struct generator_mixture {
    mixed_row (*mix)(void *user, const softmax_row *row);
    void *user;
} generator_mixture;

/* As generator_forward and generator_forward_backward; the gradient of the parts that are not
 * the softmax is the caller's, who learns each row's share by `mix`. */
void generator_forward_mixed(const generator *g, pass *pass, const stream *stream, matrix x,
                             const int32_t *gold, const generator_mixture *mixture,
                             generator_result *out);
void generator_forward_backward_mixed(const generator *g, pass *pass, const stream *stream,
                                      matrix x, const int32_t *gold,
                                      const generator_mixture *mixture, float scale, matrix dx,
                                      generator_result *out);

#endif

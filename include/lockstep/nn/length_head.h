/* length_head.h - how long an output is: a classifier of the mean, over a sentence's rows, of
 * what the encoder made of its source.
 *
 *   p(difference) = softmax(W mean + b),   difference = target length - source length
 *
 * in -most..most, to which others are clipped; W [2 * most + 1, width]. Lengths are of symbols
 * without specials.
 */
#ifndef LOCKSTEP_NN_LENGTH_HEAD_H
#define LOCKSTEP_NN_LENGTH_HEAD_H

#include "lockstep/nn/generator.h"

typedef struct length_head {
    generator classes; /* without smoothing */
    int most;
} length_head;

/* Losses of every sentence alone; differences [source sequences]. */
void length_head_forward(const length_head *h, pass *pass, const stream *source, matrix memory,
                         const int32_t *differences, generator_result *out);

/* Losses, and the gradients of `scale` times their sum: dmemory is overwritten, the parameters'
 * gradients are set, grain by grain in the tree. */
void length_head_forward_backward(const length_head *h, pass *pass, const stream *source,
                                  matrix memory, const int32_t *differences, float scale,
                                  matrix dmemory, generator_result *out);

/* For each sentence, whose source has sources[s] symbols, the `count` likeliest lengths from 1
 * to `longest`, likeliest first, equal ones shorter first, and their log p, both
 * [sequences * count]; where fewer lengths have a class the rest is -1, with log p -infinity.
 * A sentence's are the same bits whatever stands beside it. */
void length_head_best(const length_head *h, pass *pass, const stream *source, matrix memory,
                      const int32_t *sources, int longest, int count, int32_t *lengths,
                      float *log_p);

#endif

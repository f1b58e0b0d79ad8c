/* generator_best.h - the likeliest symbols of the output layer, with their probabilities. */
#ifndef LOCKSTEP_NN_GENERATOR_BEST_H
#define LOCKSTEP_NN_GENERATOR_BEST_H

#include "lockstep/nn/generator.h"

typedef struct generator_best_query {
    int count;            /* symbols that are wanted of every row, at least 1 */
    const int32_t *never; /* [nevers] symbols that are not chosen */
    int nevers;
    int32_t favoured; /* comes before others that are equally likely; of those the lower
                         number does; -1: none is favoured. It is none of `never`. */
    const struct copy_rows *copied; /* NULL: nothing is copied (nn/copy_best.h) */
} generator_best_query;

/* symbols [x.rows, count] of every row of x, the likeliest first, and log_p: the natural
 * logarithms of their probabilities under the softmax over all symbols, those of `never`
 * too. Where there are fewer symbols, or logits that are no numbers, the rest is symbol -1
 * with -infinity; a favoured symbol whose logit is none comes first. Where any logit of a row
 * is no number, neither are its log_p. log_p may be NULL where the symbols are enough, and then
 * one alone takes less time. On the calling thread alone. */
void generator_best(const generator *g, pass *pass, matrix x, const generator_best_query *query,
                    int32_t *symbols, float *log_p);

/* log_p [x.rows, symbols] of all of them. */
void generator_log_p(const generator *g, matrix x, matrix log_p);

#endif

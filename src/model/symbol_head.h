/* symbol_head.h - the output layer over the target's symbols, which all tasks share.
 */
#ifndef LOCKSTEP_MODEL_SYMBOL_HEAD_H
#define LOCKSTEP_MODEL_SYMBOL_HEAD_H

#include "feed.h"
#include "lockstep/model/task.h"
#include "lockstep/nn/length_head.h"

/* The parameters of a copying model's pointer. */
typedef struct copy_indices {
    linear_indices query, key;
    int gate, bias;
} copy_indices;

struct head {
    generator generator;
    linear_indices output; /* its parameters */
    int first;             /* the symbol of its first row; those before it are no outputs */
    /* Of a copying model. */
    copy_head copy;
    copy_indices copy_indices;
    /* Of a parallel decoder. */
    feed_parallel feed;
    length_head length; /* only where a classifier says it */
    linear_indices length_indices;
    float length_loss;
    const struct pooling *pool; /* of a label */
};

/* Register the output layer's parameters. Of all symbols: `generator.weight`, unless it is tied
 * to the target's table, and `generator.bias`; of those behind the specials, for what is no
 * sequence: `classifier.weight` and `classifier.bias`. Owned: symbol_head_close, also after a
 * failure. */
MUST_CHECK status symbol_head_open(head **out, const config *c, body *b, int symbols);
MUST_CHECK status symbol_head_open_classifier(head **out, const config *c, body *b,
                                              int symbols);

/* As the table of tasks has them (model/task.h). */
void symbol_head_close(head *h);
void symbol_head_view(head *h, const body *b);
int symbol_head_symbols(const head *h);
void symbol_head_predict(const head *h, pass *pass, matrix states, const generator_query *query,
                         int32_t *symbols);
void symbol_head_best(const head *h, pass *pass, matrix states,
                      const generator_best_query *query, int32_t *symbols, float *log_p);
void symbol_head_log_p(const head *h, pass *pass, matrix states, const copy_rows *copied,
                       matrix log_p);

/* As nn/generator.h has them, traced; gold counts from the first row's symbol. Whoever calls
 * has said that it needs the parameters; when learn returns, theirs and those of all after them
 * are said to be ready. */
void symbol_head_losses(const head *h, pass *pass, const stream *stream, matrix states,
                        const int32_t *gold, generator_result *out);
void symbol_head_learn(const head *h, pass *pass, const stream *stream, matrix states,
                       const int32_t *gold, float scale, matrix dstates, generator_result *out);
/* Say so. */
void symbol_head_ready(const head *h, pass *pass);

/* The same where gold is negative at rows that are not scored: those cost nothing, lose nothing
 * and have a gradient of 0. */
void symbol_head_losses_scored(const head *h, pass *pass, const stream *stream, matrix states,
                               const int32_t *gold, generator_result *out);
void symbol_head_learn_scored(const head *h, pass *pass, const stream *stream, matrix states,
                              const int32_t *gold, float scale, matrix dstates,
                              generator_result *out);

#endif

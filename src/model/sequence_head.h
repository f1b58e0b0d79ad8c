/* sequence_head.h - the output layer over the target's symbols, `generator.weight`, unless it
 * is tied, and `generator.bias`, which the tasks that write sequences share.
 */
#ifndef LOCKSTEP_MODEL_SEQUENCE_HEAD_H
#define LOCKSTEP_MODEL_SEQUENCE_HEAD_H

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
    /* Of a copying model. */
    copy_head copy;
    copy_indices copy_indices;
    /* Of a parallel decoder. */
    feed_parallel feed;
    length_head length; /* only where a classifier says it */
    linear_indices length_indices;
    float length_loss;
};

/* Register the output layer's parameters. A tied weight is the target's table. Owned:
 * sequence_head_close, also after a failure. */
MUST_CHECK status sequence_head_open(head **out, const config *c, body *b);

/* As the table of tasks has them (model/task.h). */
void sequence_head_close(head *h);
void sequence_head_view(head *h, const body *b);
int sequence_head_symbols(const head *h);
void sequence_head_predict(const head *h, pass *pass, matrix states,
                           const generator_query *query, int32_t *symbols);
void sequence_head_best(const head *h, pass *pass, matrix states,
                        const generator_best_query *query, int32_t *symbols, float *log_p);
void sequence_head_log_p(const head *h, pass *pass, matrix states, const copy_rows *copied,
                         matrix log_p);
extern const char *const sequence_metrics[];

/* The head's first parameter of its own. */
int sequence_head_first(const head *h);

/* As nn/generator.h has them, traced. Whoever calls has said that it needs the parameters; when
 * learn returns, theirs and those of all after them are said to be ready. */
void sequence_head_losses(const head *h, pass *pass, const stream *stream, matrix states,
                          const int32_t *gold, generator_result *out);
void sequence_head_learn(const head *h, pass *pass, const stream *stream, matrix states,
                         const int32_t *gold, float scale, matrix dstates,
                         generator_result *out);

#endif

/* copy_best.h - what comes next where it may be generated or copied (nn/copy_head.h), with its
 * probability: as nn/generator_best.h and generator_predict have it of an output layer alone,
 * of the distribution P over its symbols and the numbers above that a sentence's places hold.
 *
 * A row's bits depend on the row and its sentence alone where the weights are packed, and on
 * its grain's rows where they are not.
 */
#ifndef LOCKSTEP_NN_COPY_BEST_H
#define LOCKSTEP_NN_COPY_BEST_H

#include "lockstep/nn/copy_memory.h"
#include "lockstep/nn/generator_best.h"

/* Where rows of states may copy from. */
typedef struct copy_rows {
    const copy_memory *memory;
    const int32_t *sentences; /* of each row */
} copy_rows;

/* Of rows of x, those that query->copied says. On the calling thread alone. */
void copy_best(const copy_head *h, const generator *g, pass *pass, matrix x,
               const generator_best_query *query, int32_t *symbols, float *log_p);

/* log_p [x.rows, numbers] of all numbers, above which no place holds one; -infinity for those
 * that none of the row's does. On the calling thread alone. */
void copy_log_p(const copy_head *h, const generator *g, pass *pass, matrix x,
                const copy_rows *from, matrix log_p);

/* A draw inverts the cumulative distribution over the symbols in their order, and then the
 * numbers above in that of their places. */
void copy_predict(const copy_head *h, const generator *g, pass *pass, matrix x,
                  const generator_query *query, int32_t *symbols);

#endif

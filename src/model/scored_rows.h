/* scored_rows.h - those rows of a batch that are scored, as a batch of their own, so that the
 * output layer costs nothing for the others. */
#ifndef LOCKSTEP_MODEL_SCORED_ROWS_H
#define LOCKSTEP_MODEL_SCORED_ROWS_H

#include "lockstep/nn/generator.h"

typedef struct scored_rows {
    stream stream;              /* the same sentences in the same grains, scored rows alone */
    const int32_t *rows, *gold; /* [stream.packed.rows] where each stands; its symbol */
} scored_rows;

/* gold [of->packed.rows], -1 where a row is not scored. In the pass's arena. */
scored_rows scored_rows_push(pass *pass, const stream *of, const int32_t *gold);

/* Their rows of a matrix of all, in the pass's arena. */
matrix scored_rows_gather(const scored_rows *s, pass *pass, matrix all);
/* Back: `all` is overwritten, with 0 at the other rows. */
void scored_rows_scatter(const scored_rows *s, const pass *pass, matrix rows, matrix all);
/* The same of what is known of them; `all` was pushed for `count` rows. */
void scored_rows_scatter_result(const scored_rows *s, const generator_result *rows, int count,
                                generator_result *all);

#endif

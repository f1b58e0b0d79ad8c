/* pool.h - one row for each sentence, made of the rows that it has: their mean, or the first.
 *
 * Every sentence has a row at least. Its pooled row has the same bits whatever stands beside
 * it.
 */
#ifndef LOCKSTEP_NN_POOL_H
#define LOCKSTEP_NN_POOL_H

#include "lockstep/nn/pass.h"

/* From x [rows, cols] to a matrix [sequences, cols] in the pass's arena. */
matrix pool_mean_forward(pass *pass, const stream *stream, matrix x);
matrix pool_first_forward(pass *pass, const stream *stream, matrix x);

/* From dpooled [sequences, cols]: dx [rows, cols] is overwritten. */
void pool_mean_backward(const pass *pass, const stream *stream, matrix dpooled, matrix dx);
void pool_first_backward(const pass *pass, const stream *stream, matrix dpooled, matrix dx);

#endif

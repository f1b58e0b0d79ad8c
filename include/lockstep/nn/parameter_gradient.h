/* parameter_gradient.h - sums over the rank's grains in the tree (tensor/tree.h), set as
 * the gradient of a parameter: one value for each node that the rank holds. */
#ifndef LOCKSTEP_NN_PARAMETER_GRADIENT_H
#define LOCKSTEP_NN_PARAMETER_GRADIENT_H

#include "lockstep/nn/parameters.h"
#include "lockstep/nn/pass.h"

/* Rows [first, first + rows) of a gradient whose tensor has `cols` columns. */
gradient gradient_rows(gradient g, int first, int cols);

/* Weight gradient of y = x W^T: W's [dy.cols, x.cols] = sum over rows of dy^T x. Parallel
 * over tiles of W, each summed over the grains while it is in cache. */
void gradient_set_product(pass *pass, const stream *stream, matrix dy, matrix x, gradient g);

/* A vector's gradient from its sums over each tile: partials [tiles, cols]. */
void gradient_set_vector(pass *pass, const stream *stream, const float *partials, int cols,
                         gradient g);

/* A table's gradient: row v is scale * the sum of dy's rows whose id is v. Rows that no
 * token of the rank names become 0. ids [dy.rows] in [0, table_rows). */
void gradient_set_rows(pass *pass, const stream *stream, matrix dy, const int32_t *ids,
                       int table_rows, float scale, gradient g);

/* Room for the partials of a vector of `cols` floats: [tiles, cols]. */
float *gradient_partials(pass *pass, const stream *stream, int cols);

#endif

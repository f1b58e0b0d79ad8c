/* parameter_gradient.h - sums over the rank's grains in the tree (slab/tree.h), set as
 * the gradient of a parameter: one value for each node that the rank holds. */
#ifndef LOCKSTEP_NN_PARAMETER_GRADIENT_H
#define LOCKSTEP_NN_PARAMETER_GRADIENT_H

#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"

/* Rows [first, first + rows) of a gradient whose tensor has `cols` columns. */
gradient gradient_rows(gradient g, int first, int cols);

/* Weight gradient of y = x W^T: W's [rows, cols] = the sum over rows of dy^T x, made grain
 * by grain, so that a layer can add a grain's while its rows are in cache. After the last of
 * the rank's grains, which come in order, the gradient's nodes are set. Parallel over blocks
 * of W; what begin takes of the arena is needed until the last add. */
typedef struct product_sum {
    gradient gradient;
    int rows, cols;
    float *scratch;
} product_sum;

product_sum gradient_product_begin(pass *pass, int rows, int cols, gradient g);
void gradient_product_add(pass *pass, const stream *stream, const product_sum *sum, int grain,
                          factor dy, factor x);

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

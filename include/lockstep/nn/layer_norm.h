/* layer_norm.h - the sum of a residual and a branch, normalised row by row.
 *
 *   s = x + dropout(branch + branch_bias)
 *   y = gain * (s - mean) / sqrt(variance + 1e-5) + bias     (Ba et al. 2016)
 *
 * Statistics are local to a row, so tiles are independent.
 */
#ifndef LOCKSTEP_NN_LAYER_NORM_H
#define LOCKSTEP_NN_LAYER_NORM_H

#include "lockstep/nn/norm_branch.h"
#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"

typedef struct layer_norm {
    const float *gain, *bias; /* [width]: the tensors weight and bias */
    gradient gain_gradient, bias_gradient;
    int width;
} layer_norm;

typedef struct layer_norm_indices {
    int gain, bias;
} layer_norm_indices;

MUST_CHECK status layer_norm_add(parameters *p, layer_norm_indices *out, const char *prefix,
                                 int width);
layer_norm layer_norm_view(const parameters *p, layer_norm_indices indices);

/* What forward keeps for backward, and backward's sums over each tile. */
typedef struct layer_norm_saved {
    matrix xhat;                          /* [rows, width] */
    float *rstd;                          /* [rows] */
    float *gain_partials, *bias_partials; /* [tiles, width] */
} layer_norm_saved;

/* Room for a pass over `stream`, in its arena; without backward xhat is still needed. */
void layer_norm_push(const layer_norm *n, pass *pass, const stream *stream,
                     layer_norm_saved *saved);
/* Room for backward's partial sums. */
void layer_norm_push_partials(const layer_norm *n, pass *pass, const stream *stream,
                              layer_norm_saved *saved);

/* One tile. x, y are whole streams, `branch` the tile's rows alone; with branch.data NULL
 * y = norm(x). */
void layer_norm_forward(const layer_norm *n, const tile *tile, matrix x, matrix branch,
                        const float *branch_bias, const dropout *dropout, matrix y,
                        layer_norm_saved *saved);

/* One tile. ds [rows, width] is overwritten: the gradient of s, plus `carry` where its
 * data is not NULL; ds may be dy. */
void layer_norm_backward(const layer_norm *n, const tile *tile, int tile_number, matrix dy,
                         matrix carry, matrix ds, const norm_branch *branch,
                         layer_norm_saved *saved);

/* After all tiles: set the gradients of gain and bias. */
void layer_norm_backward_parameters(const layer_norm *n, pass *pass, const stream *stream,
                                    const layer_norm_saved *saved);

#endif

/* batch_norm.h - the sum of a residual and a branch, normalised feature by feature over all
 * tokens of the global batch, on all ranks (Ioffe and Szegedy 2015).
 *
 *   s = x + dropout(branch + branch_bias)
 *   y = gain * (s - mean) / sqrt(variance + 1e-5) + bias
 *
 * A pass with `batch` takes mean and biased variance from the batch, and moves the running
 * values a tenth of the way to its mean and unbiased variance; any other pass normalises by
 * the running values. There is no padding, so all rows count. Sums are taken in double,
 * grain by grain, and over grains in the tree: the bits do not depend on the ranks.
 *
 * Statistics need every row before the first is normalised: forward is add_tile for all
 * tiles, then end; backward is begin, then tile after tile.
 */
#ifndef LOCKSTEP_NN_BATCH_NORM_H
#define LOCKSTEP_NN_BATCH_NORM_H

#include "lockstep/nn/norm_branch.h"
#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"

typedef struct batch_norm {
    const float *gain, *bias; /* [width]: the tensors weight and bias */
    gradient gain_gradient, bias_gradient;
    float *running_mean, *running_var; /* [width]: buffers, which forward updates */
    int width;
} batch_norm;

typedef struct batch_norm_indices {
    int gain, bias;                /* parameters */
    int running_mean, running_var; /* buffers */
} batch_norm_indices;

MUST_CHECK status batch_norm_add(parameters *p, batch_norm_indices *out, const char *prefix,
                                 int width);
batch_norm batch_norm_view(const parameters *p, const batch_norm_indices *indices);

/* What forward keeps for backward, and backward's sums over each tile. */
typedef struct batch_norm_saved {
    matrix xhat;                          /* [rows, width]; s until forward's end */
    float *rstd;                          /* [width] */
    float *mean_dy, *mean_product;        /* [width] over the batch: of dy, of dy * xhat */
    float *gain_partials, *bias_partials; /* [tiles, width] */
} batch_norm_saved;

/* Room for a pass over `stream`, in its arena, and for backward's sums. */
void batch_norm_push(const batch_norm *n, pass *pass, const stream *stream,
                     batch_norm_saved *saved);
void batch_norm_push_partials(const batch_norm *n, pass *pass, const stream *stream,
                              batch_norm_saved *saved);

/* One tile: s. x is the whole stream, `branch` the tile's rows alone; with branch.data NULL
 * s = x. */
void batch_norm_add_tile(const tile *tile, matrix x, matrix branch, const float *branch_bias,
                         const dropout *dropout, batch_norm_saved *saved);

/* [collective with pass->batch] After all tiles: y [rows, width] is overwritten. */
void batch_norm_forward_end(const batch_norm *n, pass *pass, const stream *stream, matrix y,
                            batch_norm_saved *saved);

/* [collective] All rows of dy are there; dy is not changed. The pass has `batch`. */
void batch_norm_backward_begin(const batch_norm *n, pass *pass, const stream *stream, matrix dy,
                               batch_norm_saved *saved);

/* One tile. ds [rows, width] is overwritten: the gradient of s, plus `carry` where its data
 * is not NULL; ds may be dy. */
void batch_norm_backward(const batch_norm *n, const tile *tile, matrix dy, matrix carry,
                         matrix ds, const norm_branch *branch, const batch_norm_saved *saved);

/* After begin: set the gradients of gain and bias. */
void batch_norm_backward_parameters(const batch_norm *n, pass *pass, const stream *stream,
                                    const batch_norm_saved *saved);

#endif

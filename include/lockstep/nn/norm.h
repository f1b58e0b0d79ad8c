/* norm.h - the norm of a block, whichever the configuration chose: of each token over its
 * features (layer_norm.h), or of each feature over the batch (batch_norm.h).
 *
 * A block calls it from its loop over tiles, and around it: a layer norm does all its work
 * in forward_tile and backward_tile, a batch norm needs the rows of all tiles in between.
 */
#ifndef LOCKSTEP_NN_NORM_H
#define LOCKSTEP_NN_NORM_H

#include "lockstep/nn/batch_norm.h"
#include "lockstep/nn/layer_norm.h"

typedef struct norm {
    bool over_batch; /* which of the two it is */
    layer_norm layer;
    batch_norm batch;
} norm;

typedef struct norm_indices {
    bool over_batch;
    layer_norm_indices layer;
    batch_norm_indices batch;
} norm_indices;

/* Register `<prefix>weight` and `<prefix>bias`, and a batch norm's buffers
 * `<prefix>running_mean` and `<prefix>running_var`. */
MUST_CHECK status norm_add(parameters *p, norm_indices *out, const char *prefix, int width,
                           bool over_batch);
norm norm_view(const parameters *p, const norm_indices *indices);

typedef struct norm_saved {
    layer_norm_saved layer;
    batch_norm_saved batch;
} norm_saved;

/* Room for a pass over `stream`, in its arena; for backward's partial sums. */
void norm_push(const norm *n, pass *pass, const stream *stream, norm_saved *saved);
void norm_push_partials(const norm *n, pass *pass, const stream *stream, norm_saved *saved);

/* y = norm(x + dropout(branch + branch_bias)): forward_tile for every tile, then forward_end.
 * x, y are whole streams, `branch` the tile's rows alone; with branch.data NULL
 * y = norm(x). */
void norm_forward_tile(const norm *n, const tile *tile, matrix x, matrix branch,
                       const float *branch_bias, const dropout *dropout, matrix y,
                       norm_saved *saved);
void norm_forward_end(const norm *n, pass *pass, const stream *stream, matrix y,
                      norm_saved *saved);

/* backward_begin, then backward_tile for every tile. ds [rows, width] is overwritten: the
 * gradient of the normalised sum, plus `carry` where its data is not NULL; ds may be dy. */
void norm_backward_begin(const norm *n, pass *pass, const stream *stream, matrix dy,
                         norm_saved *saved);
void norm_backward_tile(const norm *n, const tile *tile, int tile_number, matrix dy,
                        matrix carry, matrix ds, const norm_branch *branch, norm_saved *saved);

/* y = norm(x) and ds = carry + its gradient, over all tiles. */
void norm_forward(const norm *n, pass *pass, const stream *stream, matrix x, matrix y,
                  norm_saved *saved);
void norm_backward(const norm *n, pass *pass, const stream *stream, matrix dy, matrix carry,
                   matrix ds, norm_saved *saved);

/* After all tiles: set the gradients of gain and bias. */
void norm_backward_parameters(const norm *n, pass *pass, const stream *stream,
                              const norm_saved *saved);

#endif

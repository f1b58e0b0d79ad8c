/* weight.h - what layers multiply rows by: a parameter matrix [out, in], or some of its rows.
 *
 * Layers hold a weight, never its numbers: which form of them a product reads is this room's
 * affair. Today there is one, the float32 values of the model. A view says where it stands
 * in them, and where its tensor does, so that another form (packed, bfloat16) would be
 *
 *   made       once for a model, where its weight_slab is;
 *   kept       in the weight_slab, which every view of the model points to, be it of a whole
 *              tensor or of a run of rows;
 *   refreshed  by one call after values were written (a step, a checkpoint, an average), or,
 *              since places are those of the parameter slab, interval by interval as they
 *              arrive from the other ranks;
 *   found      at `tensor`, for a run at row `first` of it: a panel of several rows counts
 *              from the tensor's first row, wherever the run begins.
 *
 * Looking rows up (an embedding) is no product, and reads the values themselves.
 */
#ifndef LOCKSTEP_TENSOR_WEIGHT_H
#define LOCKSTEP_TENSOR_WEIGHT_H

#include <stddef.h>

#include "lockstep/tensor/matrix.h"

/* All of a model's weights in one run of floats. It outlives the views, at one address. */
typedef struct weight_slab {
    const float *values; /* borrowed */
} weight_slab;

/* Rows [first, first + out) of a tensor. */
typedef struct weight {
    const weight_slab *slab;
    size_t tensor; /* the float of the slab that the tensor begins with */
    int first;
    int out, in; /* the tensor's rows are contiguous, `in` floats each */
} weight;

/* A whole tensor [out, in] that begins with float `tensor` of the slab. */
weight weight_view(const weight_slab *slab, size_t tensor, int out, int in);

/* Of w, rows [first, first + count): outputs of their own. count may be 0. */
weight weight_rows(weight w, int first, int count);

/* Any run of rows, whose number has a say in the bits (gemm.h). y = x W^T, [n, out] =
 * [n, in] [out, in]^T. y is only written. */
void weight_forward(const weight *w, matrix x, matrix y);
/* dx = dy W + beta * dx, [n, in] = [n, out] [out, in]. With beta 0 dx is only written. */
void weight_backward(const weight *w, matrix dy, float beta, matrix dx);

#endif

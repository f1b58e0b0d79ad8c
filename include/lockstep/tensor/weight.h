/* weight.h - what layers multiply rows by: a parameter matrix [out, in], or some of its rows.
 *
 * Layers hold a weight, never its numbers: which form of them a product reads is this room's
 * affair. There are the float32 values of the model, which BLAS multiplies by, and a packed
 * copy of them, of one of two kinds: panels, with which few rows are multiplied at the rate of
 * many, and every row has the same bits whatever rows stand beside it (kernels.h,
 * row_product); or numbers that are rounded to bfloat16, laid once for the products of a whole
 * step, forward and backward (lay_both). Places in the copy are those of the values. A view
 * says where it stands in them, and where its tensor does.
 *
 * Looking rows up (an embedding) is no product, and reads the values themselves.
 */
#ifndef LOCKSTEP_TENSOR_WEIGHT_H
#define LOCKSTEP_TENSOR_WEIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/tensor/factor.h"

/* All of a model's weights in one run of floats. It outlives the views, at one address. */
typedef struct weight_slab {
    const float *values; /* borrowed */
    const float *packed; /* borrowed; NULL: products read the values */
    bool rounded;        /* it is of bfloat16: for engines that round (gemm.h), and no others */
    size_t packed_end;   /* floats of it that have been packed */
} weight_slab;

/* Floats that a packed copy has room for behind its last: they are read, and not used. */
enum { WEIGHT_PACKED_SLACK = 64 };

/* The tensor [out, in] at float `tensor` of the slab's values, to the same place of
 * `packed`, which is of the slab's kind. */
void weight_pack(const weight_slab *slab, size_t tensor, int out, int in, float *packed);

/* The tensor [out, in] at `values` takes its packed form where it stands. `scratch` has room
 * for weight_scratch(in) floats. */
void weight_pack_in_place(float *values, int out, int in, float *scratch);
size_t weight_scratch(int in);

/* Rows [first, first + out) of a tensor. */
typedef struct weight {
    const weight_slab *slab;
    size_t tensor;  /* the float of the slab that the tensor begins with */
    int tensor_out; /* rows of the tensor */
    int first;
    int out, in; /* the tensor's rows are contiguous, `in` floats each */
} weight;

/* A whole tensor [out, in] that begins with float `tensor` of the slab. */
weight weight_view(const weight_slab *slab, size_t tensor, int out, int in);

/* Of w, rows [first, first + count): outputs of their own. count may be 0. */
weight weight_rows(weight w, int first, int count);

/* Any run of rows. y = x W^T, [n, out] = [n, in] [out, in]^T; y is only written. Without a
 * packed copy the number of rows has a say in the bits (gemm.h). */
void weight_forward(const weight *w, factor x, matrix y);
/* dx = dy W + beta * dx, [n, in] = [n, out] [out, in], by what is rounded or the values. With
 * beta 0 dx is only written. */
void weight_backward(const weight *w, factor dy, float beta, matrix dx);

#endif

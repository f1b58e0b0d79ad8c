/* linear.h - y = x W^T + b. */
#ifndef LOCKSTEP_NN_LINEAR_H
#define LOCKSTEP_NN_LINEAR_H

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/nn/pass.h"
#include "lockstep/slab/parameters.h"
#include "lockstep/tensor/weight.h"

/* Views into the parameter slabs. */
typedef struct linear {
    weight weight;     /* [out, in] */
    const float *bias; /* [out] */
    gradient weight_gradient, bias_gradient;
    int in, out;
} linear;

/* The tensors `<prefix>weight` and `<prefix>bias` of a registry, by their numbers. */
typedef struct linear_indices {
    int weight, bias;
    int use; /* of the weight: above 0 where its tensor is tied to another's */
} linear_indices;

/* Register both; `prefix` ends as PyTorch writes it: "linear1.", "self_attn.in_proj_". */
MUST_CHECK status linear_add(parameters *p, linear_indices *out, const char *prefix, int in,
                             int rows);
/* The layer, once the registry is allocated; `weights` are its values. */
linear linear_view(const parameters *p, const weight_slab *weights, linear_indices indices);

/* Outputs [first, first + count) as a layer of their own. */
linear linear_rows(linear l, int first, int count);

/* Any run of rows. y = x W^T, without the bias: what follows adds it. */
void linear_product(const linear *l, factor x, matrix y);
/* y = x W^T + b */
void linear_forward(const linear *l, matrix x, matrix y);
/* The same, rounded where y is, by way of the thread's own `room` (pass_rounding_own). */
void linear_forward_factor(const linear *l, matrix x, factor y, matrix room);
/* dx = dy W + beta * dx */
void linear_backward(const linear *l, factor dy, float beta, matrix dx);

/* The weight's gradient, grain by grain: see gradient_product_begin. */
product_sum linear_weight_begin(const linear *l, pass *pass);

/* Set the bias's gradient from the column sums of dy over each tile, [tiles, out]. */
void linear_backward_bias(const linear *l, pass *pass, const stream *stream,
                          const float *partials);

#endif

/* linear.c - y = x W^T + b. */
#include "lockstep/nn/linear.h"

#include <stdio.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

status linear_add(parameters *p, linear_indices *out, const char *prefix, int in, int rows)
{
    char name[PARAMETER_NAME];

    out->use = 0;
    snprintf(name, sizeof(name), "%sweight", prefix);
    TRY(parameters_add(p, &out->weight, name, 2, rows, in, FILL_XAVIER));
    parameters_multiply(p, out->weight);
    snprintf(name, sizeof(name), "%sbias", prefix);
    return parameters_add(p, &out->bias, name, 1, 1, rows, FILL_ZERO);
}

linear linear_view(const parameters *p, const weight_slab *weights, linear_indices indices)
{
    const parameter *weight = &p->list[indices.weight];

    return (linear){.weight = weight_view(weights, weight->first, weight->rows, weight->cols),
                    .bias = parameters_values(p, indices.bias),
                    .weight_gradient = parameters_gradient(p, indices.weight, indices.use),
                    .bias_gradient = parameters_gradient(p, indices.bias, 0),
                    .in = weight->cols,
                    .out = weight->rows};
}

linear linear_rows(linear l, int first, int count)
{
    l.weight = weight_rows(l.weight, first, count);
    l.bias += first;
    if (l.weight_gradient.data != NULL) {
        l.weight_gradient = gradient_rows(l.weight_gradient, first, l.in);
        l.bias_gradient = gradient_rows(l.bias_gradient, first, 1);
    }
    l.out = count;
    return l;
}

void linear_product(const linear *l, factor x, matrix y)
{
    weight_forward(&l->weight, x, y);
}

void linear_forward(const linear *l, matrix x, matrix y)
{
    linear_product(l, factor_of(x), y);
    kernels_get()->bias_add(y, l->bias);
}

void linear_forward_factor(const linear *l, matrix x, factor y, matrix room)
{
    if (!y.rounded) {
        linear_forward(l, x, y.floats);
        return;
    }
    for (int at = 0; at < x.rows; at += ROUND_ROWS) {
        int rows = x.rows - at < ROUND_ROWS ? x.rows - at : ROUND_ROWS;
        matrix made = matrix_rows(room, 0, rows);
        linear_product(l, factor_of(matrix_rows(x, at, rows)), made);
        kernels_get()->round(made, l->bias, matrix_rows(y.floats, at, rows));
    }
}

void linear_backward(const linear *l, factor dy, float beta, matrix dx)
{
    weight_backward(&l->weight, dy, beta, dx);
}

product_sum linear_weight_begin(const linear *l, pass *pass)
{
    return gradient_product_begin(pass, l->out, l->in, l->weight_gradient);
}

void linear_backward_bias(const linear *l, pass *pass, const stream *stream,
                          const float *partials)
{
    gradient_set_vector(pass, stream, partials, l->out, l->bias_gradient);
}

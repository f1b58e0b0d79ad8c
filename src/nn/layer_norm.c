/* layer_norm.c - the sum of a residual and a branch, normalised row by row. */
#include "lockstep/nn/layer_norm.h"

#include <stdio.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

static const float epsilon = 1e-5f; /* PyTorch's */

status layer_norm_add(parameters *p, layer_norm_indices *out, const char *prefix, int width)
{
    char name[PARAMETER_NAME];

    snprintf(name, sizeof(name), "%sweight", prefix);
    TRY(parameters_add(p, &out->gain, name, 1, 1, width, FILL_ONE));
    snprintf(name, sizeof(name), "%sbias", prefix);
    return parameters_add(p, &out->bias, name, 1, 1, width, FILL_ZERO);
}

layer_norm layer_norm_view(const parameters *p, layer_norm_indices indices)
{
    return (layer_norm){.gain = parameters_values(p, indices.gain),
                        .bias = parameters_values(p, indices.bias),
                        .gain_gradient = parameters_gradient(p, indices.gain, 0),
                        .bias_gradient = parameters_gradient(p, indices.bias, 0),
                        .width = p->list[indices.gain].cols};
}

void layer_norm_push(const layer_norm *n, pass *pass, const stream *stream,
                     layer_norm_saved *saved)
{
    *saved = (layer_norm_saved){
        .xhat = pass_matrix(pass, stream->packed.rows, n->width),
        .rstd = arena_push(pass->arena, (size_t)stream->packed.rows, sizeof(float))};
}

void layer_norm_push_partials(const layer_norm *n, pass *pass, const stream *stream,
                              layer_norm_saved *saved)
{
    saved->gain_partials = gradient_partials(pass, stream, n->width);
    saved->bias_partials = gradient_partials(pass, stream, n->width);
}

static matrix optional_rows(matrix m, const tile *t)
{
    return m.data == NULL ? m : tile_rows(m, t);
}

void layer_norm_forward(const layer_norm *n, const tile *tile, matrix x, matrix branch,
                        const float *branch_bias, const dropout *dropout, matrix y,
                        layer_norm_saved *saved)
{
    norm_forward_args args = {.x = tile_rows(x, tile),
                              .branch = branch,
                              .branch_bias = branch_bias,
                              .dropout = dropout,
                              .gain = n->gain,
                              .bias = n->bias,
                              .epsilon = epsilon,
                              .xhat = tile_rows(saved->xhat, tile),
                              .y = tile_rows(y, tile),
                              .rstd = saved->rstd + tile->first};

    kernels_get()->norm_forward(&args);
}

void layer_norm_backward(const layer_norm *n, const tile *tile, int tile_number, matrix dy,
                         matrix carry, matrix ds, const norm_branch *branch,
                         layer_norm_saved *saved)
{
    size_t at = (size_t)tile_number * (size_t)n->width;
    norm_backward_args args = {.dy = tile_rows(dy, tile),
                               .xhat = tile_rows(saved->xhat, tile),
                               .rstd = saved->rstd + tile->first,
                               .gain = n->gain,
                               .dropout = branch->dropout,
                               .carry = optional_rows(carry, tile),
                               .ds = tile_rows(ds, tile),
                               .dbranch = optional_rows(branch->dbranch, tile),
                               .dgain = saved->gain_partials + at,
                               .dbias = saved->bias_partials + at,
                               .dbranch_sum = branch->sum};

    kernels_get()->norm_backward(&args);
}

void layer_norm_backward_parameters(const layer_norm *n, pass *pass, const stream *stream,
                                    const layer_norm_saved *saved)
{
    gradient_set_vector(pass, stream, saved->gain_partials, n->width, n->gain_gradient);
    gradient_set_vector(pass, stream, saved->bias_partials, n->width, n->bias_gradient);
}

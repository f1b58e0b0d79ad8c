/* batch_norm.c - the sum of a residual and a branch, normalised over the batch. */
#include "lockstep/nn/batch_norm.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/nn/parameter_gradient.h"
#include "lockstep/tensor/kernels.h"

static const double epsilon = 1e-5, momentum = 0.1; /* PyTorch's */

status batch_norm_add(parameters *p, batch_norm_indices *out, const char *prefix, int width)
{
    char name[PARAMETER_NAME];

    snprintf(name, sizeof(name), "%sweight", prefix);
    TRY(parameters_add(p, &out->gain, name, 1, 1, width, FILL_ONE));
    snprintf(name, sizeof(name), "%sbias", prefix);
    TRY(parameters_add(p, &out->bias, name, 1, 1, width, FILL_ZERO));
    snprintf(name, sizeof(name), "%srunning_mean", prefix);
    TRY(parameters_add_buffer(p, &out->running_mean, name, width, FILL_ZERO));
    snprintf(name, sizeof(name), "%srunning_var", prefix);
    return parameters_add_buffer(p, &out->running_var, name, width, FILL_ONE);
}

batch_norm batch_norm_view(const parameters *p, const batch_norm_indices *indices)
{
    return (batch_norm){.gain = parameters_values(p, indices->gain),
                        .bias = parameters_values(p, indices->bias),
                        .gain_gradient = parameters_gradient(p, indices->gain, 0),
                        .bias_gradient = parameters_gradient(p, indices->bias, 0),
                        .running_mean = parameters_values(p->buffers, indices->running_mean),
                        .running_var = parameters_values(p->buffers, indices->running_var),
                        .width = p->list[indices->gain].cols};
}

static float *push_floats(pass *pass, size_t count)
{
    return arena_push(pass->arena, count, sizeof(float));
}

void batch_norm_push(const batch_norm *n, pass *pass, const stream *stream,
                     batch_norm_saved *saved)
{
    *saved = (batch_norm_saved){.xhat = pass_matrix(pass, stream->packed.rows, n->width),
                                .rstd = push_floats(pass, (size_t)n->width)};
}

void batch_norm_push_partials(const batch_norm *n, pass *pass, const stream *stream,
                              batch_norm_saved *saved)
{
    saved->mean_dy = push_floats(pass, (size_t)n->width);
    saved->mean_product = push_floats(pass, (size_t)n->width);
    saved->gain_partials = gradient_partials(pass, stream, n->width);
    saved->bias_partials = gradient_partials(pass, stream, n->width);
}

/* ---- sums over the batch ---- */

/* Two sums for each feature, tile by tile, and what they become over the batch. */
typedef struct feature_sums {
    double *tiles;                /* [tiles][2 * width] */
    double *grains;               /* [grains][1 + 2 * width]: first the number of rows */
    double *total;                /* [1 + 2 * width] */
    const double *first, *second; /* [width], of total */
} feature_sums;

static feature_sums sums_push(pass *pass, const stream *stream, int width)
{
    size_t each = 2 * (size_t)width;
    feature_sums s = {
        .tiles = arena_push(pass->arena, (size_t)stream->tiles.count * each, sizeof(double)),
        .grains =
            arena_push(pass->arena, (size_t)stream->packed.grains * (1 + each), sizeof(double)),
        .total = arena_push(pass->arena, 1 + each, sizeof(double))};

    s.first = s.total + 1;
    s.second = s.first + width;
    return s;
}

/* [collective] */
static void sums_close(const feature_sums *s, pass *pass, const stream *stream, int width)
{
    const packed *packed = &stream->packed;
    int each = 2 * width;

    for (int g = 0; g < packed->grains; g++) {
        double *grain = s->grains + (size_t)g * (size_t)(1 + each);
        memset(grain, 0, (size_t)(1 + each) * sizeof(*grain));
        grain[0] = packed->grain_rows[g + 1] - packed->grain_rows[g];
        for (int t = stream->tiles.grain_first[g]; t < stream->tiles.grain_first[g + 1]; t++)
            for (int c = 0; c < each; c++)
                grain[1 + c] += s->tiles[(size_t)t * (size_t)each + (size_t)c];
    }
    pass->batch->sum(pass->batch->user, s->grains, 1 + each, s->total);
}

/* ---- forward ---- */

void batch_norm_add_tile(const tile *tile, matrix x, matrix branch, const float *branch_bias,
                         const dropout *dropout, batch_norm_saved *saved)
{
    matrix s = tile_rows(saved->xhat, tile), in = tile_rows(x, tile);

    if (branch.data != NULL)
        kernels_get()->residual_add(in, branch, branch_bias, dropout, s);
    else
        for (int r = 0; r < s.rows; r++)
            memcpy(matrix_row(s, r), matrix_row(in, r), (size_t)s.cols * sizeof(float));
}

static void move_running(float *running, double value, double share)
{
    *running = (float)((1.0 - share) * (double)*running + share * value);
}

/* Mean and 1 / deviation of the batch, and the running values moved towards it. */
static void take_batch(const batch_norm *n, pass *pass, const stream *stream,
                       batch_norm_saved *saved, float *mean)
{
    size_t mark = arena_mark(pass->arena);
    feature_sums sums = sums_push(pass, stream, n->width);
    const tiles *tiles = &stream->tiles;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        double *tile = sums.tiles + 2 * (size_t)t * (size_t)n->width;
        kernels_get()->square_sums(tile_rows(saved->xhat, &tiles->list[t]), tile,
                                   tile + n->width);
    }
    sums_close(&sums, pass, stream, n->width);
    double share = pass->running_share > 0.0 ? pass->running_share : momentum;
    double count = sums.total[0], freedom = count > 1.0 ? count - 1.0 : 1.0;
    for (int c = 0; c < n->width; c++) {
        double centre = sums.first[c] / count;
        double variance = fmax(sums.second[c] / count - centre * centre, 0.0);
        mean[c] = (float)centre;
        saved->rstd[c] = (float)(1.0 / sqrt(variance + epsilon));
        move_running(&n->running_mean[c], centre, share);
        move_running(&n->running_var[c], variance * count / freedom, share);
    }
    arena_release(pass->arena, mark);
}

static void take_running(const batch_norm *n, batch_norm_saved *saved, float *mean)
{
    for (int c = 0; c < n->width; c++) {
        mean[c] = n->running_mean[c];
        saved->rstd[c] = (float)(1.0 / sqrt((double)n->running_var[c] + epsilon));
    }
}

void batch_norm_forward_end(const batch_norm *n, pass *pass, const stream *stream, matrix y,
                            batch_norm_saved *saved)
{
    size_t mark = arena_mark(pass->arena);
    float *mean = push_floats(pass, (size_t)n->width);
    const tiles *tiles = &stream->tiles;

    if (pass->batch != NULL)
        take_batch(n, pass, stream, saved, mean);
    else
        take_running(n, saved, mean);
#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++)
        kernels_get()->batch_norm_forward(
            &(batch_norm_forward_args){.x = tile_rows(saved->xhat, &tiles->list[t]),
                                       .mean = mean,
                                       .rstd = saved->rstd,
                                       .gain = n->gain,
                                       .bias = n->bias,
                                       .y = tile_rows(y, &tiles->list[t])});
    arena_release(pass->arena, mark);
}

/* ---- backward ---- */

void batch_norm_backward_begin(const batch_norm *n, pass *pass, const stream *stream, matrix dy,
                               batch_norm_saved *saved)
{
    size_t mark = arena_mark(pass->arena), width = (size_t)n->width;
    feature_sums sums = sums_push(pass, stream, n->width);
    const tiles *tiles = &stream->tiles;

#pragma omp parallel for num_threads(pass->threads) schedule(dynamic)
    for (int t = 0; t < tiles->count; t++) {
        double *tile = sums.tiles + 2 * (size_t)t * width;
        kernels_get()->product_sums(tile_rows(dy, &tiles->list[t]),
                                    tile_rows(saved->xhat, &tiles->list[t]), tile,
                                    tile + width);
        for (size_t c = 0; c < width; c++) {
            saved->bias_partials[(size_t)t * width + c] = (float)tile[c];
            saved->gain_partials[(size_t)t * width + c] = (float)tile[width + c];
        }
    }
    sums_close(&sums, pass, stream, n->width);
    for (size_t c = 0; c < width; c++) {
        saved->mean_dy[c] = (float)(sums.first[c] / sums.total[0]);
        saved->mean_product[c] = (float)(sums.second[c] / sums.total[0]);
    }
    arena_release(pass->arena, mark);
}

static matrix optional_rows(matrix m, const tile *t)
{
    return m.data == NULL ? m : tile_rows(m, t);
}

void batch_norm_backward(const batch_norm *n, const tile *tile, matrix dy, matrix carry,
                         matrix ds, const norm_branch *branch, const batch_norm_saved *saved)
{
    batch_norm_backward_args args = {.dy = tile_rows(dy, tile),
                                     .xhat = tile_rows(saved->xhat, tile),
                                     .rstd = saved->rstd,
                                     .gain = n->gain,
                                     .mean_dy = saved->mean_dy,
                                     .mean_product = saved->mean_product,
                                     .dropout = branch->dropout,
                                     .carry = optional_rows(carry, tile),
                                     .ds = tile_rows(ds, tile),
                                     .dbranch = optional_rows(branch->dbranch, tile),
                                     .dbranch_sum = branch->sum};

    kernels_get()->batch_norm_backward(&args);
}

void batch_norm_backward_parameters(const batch_norm *n, pass *pass, const stream *stream,
                                    const batch_norm_saved *saved)
{
    gradient_set_vector(pass, stream, saved->gain_partials, n->width, n->gain_gradient);
    gradient_set_vector(pass, stream, saved->bias_partials, n->width, n->bias_gradient);
}

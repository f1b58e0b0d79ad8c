/* weight.c - what layers multiply rows by. */
#include "lockstep/tensor/weight.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lockstep/base/status.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "lockstep/tensor/product_clock.h"

weight weight_view(const weight_slab *slab, size_t tensor, int out, int in)
{
    return (weight){.slab = slab, .tensor = tensor, .tensor_out = out, .out = out, .in = in};
}

weight weight_rows(weight w, int first, int count)
{
    CHECK(0 <= first && 0 <= count && count <= w.out - first);
    w.first += first;
    w.out = count;
    return w;
}

/* A matrix is a view for reading and writing alike; the products only read this one. */
static matrix view_of(const float *values, int rows, int cols)
{
    return matrix_view((float *)(uintptr_t)values, rows, cols);
}

static matrix values_of(const weight *w)
{
    const float *values = w->slab->values + w->tensor + (size_t)w->first * (size_t)w->in;

    return view_of(values, w->out, w->in);
}

void weight_pack(const weight_slab *slab, size_t tensor, int out, int in, float *packed)
{
    const kernels *k = kernels_get();
    double began = product_clock_begin();

    CHECK(!slab->rounded || k->lay_both != NULL);
    (slab->rounded ? k->lay_both : k->panel_pack)(view_of(slab->values + tensor, out, in),
                                                  packed + tensor);
    product_clock_end(WORK_PACKING, began);
}

size_t weight_scratch(int in)
{
    return (size_t)kernels_get()->panel * (size_t)in;
}

/* A panel of rows fills the place that they had. */
void weight_pack_in_place(float *values, int out, int in, float *scratch)
{
    int panel = kernels_get()->panel;

    for (int at = 0; at < out; at += panel) {
        int rows = out - at < panel ? out - at : panel;
        float *place = values + (size_t)at * (size_t)in;

        memcpy(scratch, place, (size_t)rows * (size_t)in * sizeof(*scratch));
        kernels_get()->panel_pack(view_of(scratch, rows, in), place);
    }
}

/* What is laid of the weight, for x w^T and for x w, begins at panels and pairs. */
static laid_factor laid_of(const weight *w, bool turned)
{
    int rows = w->tensor_out / LAID_GROUP * LAID_GROUP, cols = w->in / LAID_GROUP * LAID_GROUP,
        depth = w->out / LAID_GROUP * LAID_GROUP;
    const float *laid = w->slab->packed + w->tensor;
    size_t both = (size_t)rows * (size_t)cols;

    CHECK(w->tensor + both <= w->slab->packed_end);
    if (w->first % LAID_GROUP != 0)
        return (laid_factor){0};
    if (turned)
        return (laid_factor){.pairs = laid + (size_t)w->first * (size_t)cols / 2,
                             .cols = rows - w->first,
                             .depth = cols,
                             .panel = (size_t)cols * LAID_GROUP / 2};
    return (laid_factor){.pairs = laid + both / 2 + (size_t)w->first * LAID_GROUP / 2,
                         .cols = cols,
                         .depth = depth,
                         .panel = (size_t)rows * LAID_GROUP / 2};
}

/* y = x b + beta * y, b being the weight or, turned, its transpose. */
static void multiply_by(const weight *w, factor x, bool turned, float beta, matrix y)
{
    product p = {.a = x,
                 .b = factor_of(values_of(w)),
                 .b_turned = turned,
                 .alpha = 1.0f,
                 .beta = beta,
                 .c = y};

    CHECK(!w->slab->rounded || gemm_rounds());
    if (w->slab->packed != NULL && w->slab->rounded)
        p.b_laid = laid_of(w, turned);
    gemm_factors(&p);
}

static void packed_forward(const weight *w, matrix x, matrix y)
{
    int panel = kernels_get()->panel, before = w->first / panel * panel;
    const row_product product = {
        .x = x.data,
        .x_stride = (size_t)x.stride,
        .rows = x.rows,
        .depth = w->in,
        .b = w->slab->packed + w->tensor + (size_t)before * (size_t)w->in,
        .columns = w->tensor_out - before,
        .first = w->first - before,
        .cols = w->out,
        .y = y.data,
        .y_stride = (size_t)y.stride,
    };

    CHECK(x.rows == y.rows && x.cols == w->in && y.cols == w->out);
    CHECK(w->tensor + (size_t)w->tensor_out * (size_t)w->in <= w->slab->packed_end);
    double began = product_clock_begin();
    kernels_get()->row_product(&product);
    product_clock_end(WORK_PRODUCTS, began);
}

void weight_forward(const weight *w, factor x, matrix y)
{
    if (w->slab->packed != NULL && !w->slab->rounded)
        packed_forward(w, x.floats, y);
    else
        multiply_by(w, x, true, 0.0f, y);
}

void weight_backward(const weight *w, factor dy, float beta, matrix dx)
{
    multiply_by(w, dy, false, beta, dx);
}

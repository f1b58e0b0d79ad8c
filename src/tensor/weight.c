/* weight.c - what layers multiply rows by. */
#include "lockstep/tensor/weight.h"

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/tensor/gemm.h"

weight weight_view(const weight_slab *slab, size_t tensor, int out, int in)
{
    return (weight){.slab = slab, .tensor = tensor, .out = out, .in = in};
}

weight weight_rows(weight w, int first, int count)
{
    CHECK(0 <= first && 0 <= count && count <= w.out - first);
    w.first += first;
    w.out = count;
    return w;
}

static matrix values_of(const weight *w)
{
    const float *values = w->slab->values + w->tensor + (size_t)w->first * (size_t)w->in;

    /* A matrix is a view for reading and writing alike; the products only read this one. */
    return matrix_view((float *)(uintptr_t)values, w->out, w->in);
}

void weight_forward(const weight *w, matrix x, matrix y)
{
    gemm_nt(1.0f, x, values_of(w), 0.0f, y);
}

void weight_backward(const weight *w, matrix dy, float beta, matrix dx)
{
    gemm_nn(1.0f, dy, values_of(w), beta, dx);
}

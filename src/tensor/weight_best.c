/* weight_best.c - which row of a weight has the largest product. */
#include "lockstep/tensor/weight_best.h"

#include "lockstep/base/status.h"
#include "lockstep/tensor/kernels.h"
#include "lockstep/tensor/product_clock.h"

bool weight_best_applies(const weight *w)
{
    return w->slab->packed != NULL && !w->slab->rounded && w->out == w->tensor_out;
}

void weight_best_find(const weight *w, matrix x, const weight_best *find)
{
    CHECK(weight_best_applies(w) && x.cols == w->in);
    CHECK(w->tensor + (size_t)w->out * (size_t)w->in <= w->slab->packed_end);
    double began = product_clock_begin();
    kernels_get()->best_product(&(best_product){.x = x.data,
                                                .x_stride = (size_t)x.stride,
                                                .rows = x.rows,
                                                .depth = w->in,
                                                .b = w->slab->packed + w->tensor,
                                                .columns = w->out,
                                                .bias = find->bias,
                                                .best = find->best,
                                                .symbols = find->symbols,
                                                .never = find->never,
                                                .nevers = find->nevers});
    product_clock_end(WORK_PRODUCTS, began);
}

/* averaging.c - the moving average of a training's parameters. */
#include "averaging.h"

#include <string.h>

#include "lockstep/base/trace.h"

void averaging_begin(training *t)
{
    const slice *slices = exchange_slices(t->exchange);
    const float *values = transformer_parameters(t->model)->values;

    if (t->average.values == NULL)
        return;
    for (int b = 0; b < exchange_buckets(t->exchange); b++)
        memcpy(t->average.values + slices[b].owned, values + slices[b].first,
               slices[b].count * sizeof(float));
}

static void swap_floats(float *restrict a, float *restrict b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float kept = a[i];

        a[i] = b[i];
        b[i] = kept;
    }
}

void averaging_swap(training *t)
{
    const slice *slices = exchange_slices(t->exchange);
    float *values = transformer_parameters(t->model)->values;

    training_settle(t);
    if (t->average.values == NULL)
        return;
    trace_begin(TRACE_SWAP_PARAMETERS);
    for (int b = 0; b < exchange_buckets(t->exchange); b++)
        swap_floats(values + slices[b].first, t->average.values + slices[b].owned,
                    slices[b].count);
    exchange_gather_begin(t->exchange);
    exchange_gather_end(t->exchange);
    trace_end();
}

/* update.c - from summed gradients to new parameters on all ranks. */
#include "update.h"

#include "lockstep/base/trace.h"

/* Matrices decay, norms and biases do not; the zeros behind a tensor go with it. */
static bool decays(const parameters *p, int tensor)
{
    return p->list[tensor].dimensions > 1;
}

/* The end of the floats from `at` on that decay alike, `end` at the latest. `*tensor` is
 * one that begins at `at` or before it, and moves on to the last that does. */
static size_t stretch_end(const parameters *p, size_t at, size_t end, int *tensor)
{
    while (*tensor + 1 < p->count && p->list[*tensor + 1].first <= at)
        ++*tensor;
    for (int i = *tensor + 1; i < p->count && p->list[i].first < end; i++)
        if (decays(p, i) != decays(p, *tensor))
            return p->list[i].first;
    return end;
}

/* Where a float stands in a run changes no bit, so a slice is cut only where it must be. */
static void update_slice(training *t, optimizer_moment moment, const slice *s, int *tensor)
{
    const parameters *p = transformer_parameters(t->model);
    const float *gradients = exchange_gradients(t->exchange) + s->owned;
    size_t end = s->first + s->count, next = end;

    for (size_t at = s->first; at < end; at = next) {
        if (t->optimizer.rule->decays) {
            next = stretch_end(p, at, end, tensor);
            moment.decays = decays(p, *tensor);
        }
        optimizer_update(&t->optimizer, &moment, p->values + at, gradients + (at - s->first),
                         s->owned + (at - s->first), next - at);
    }
}

void update_run(training *t, double rate, double scale)
{
    const slice *slices = exchange_slices(t->exchange);
    const float *values = transformer_parameters(t->model)->values;
    optimizer_moment moment = {
        .rate = rate, .scale = scale, .limit = t->config->training.clip_value, .step = t->step};
    int tensor = 0;

    trace_begin(TRACE_UPDATE);
    exchange_gather_begin(t->exchange);
    for (int b = 0; b < exchange_buckets(t->exchange); b++) {
        update_slice(t, moment, &slices[b], &tensor);
        moving_average_add(&t->average, t->step, values + slices[b].first, slices[b].owned,
                           slices[b].count);
        exchange_gather_ready(t->exchange, b);
    }
    trace_end();
}

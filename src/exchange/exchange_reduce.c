/* exchange_reduce.c - from the gradients of each rank's grains to summed slices. */
#include "lockstep/base/trace.h"
#include "private.h"

transfer *oldest_transfer(exchange *x)
{
    transfer *first = NULL;

    for (int i = 0; i < WINDOW; i++) {
        transfer *t = &x->under_way[i];

        if (t->busy && (first == NULL || t->number < first->number))
            first = t;
    }
    return first;
}

void advance_reduce(exchange *x)
{
    for (int i = 0; i < WINDOW; i++) {
        transfer *t = &x->under_way[i];

        while (t->busy || x->begun < x->queued) {
            if (!t->busy) {
                transfer_begin(x, t, x->queue[x->begun]);
                x->begun++;
            }
            if (!transfer_advance(x, t))
                break;
        }
    }
}

void exchange_begin(exchange *x, bool add)
{
    CHECK(x->landed == x->plan.pieces);
    CHECK(x->settings.accumulate || !add);
    courier_hold(x);
    x->add = add;
    x->announced = x->plan.count;
    x->queued = x->begun = x->landed = 0;
    for (int i = 0; i < x->plan.pieces; i++)
        x->said[i] = false;
    for (int b = 0; b < x->plan.count; b++)
        x->missing[b] = x->plan.list[b].uses;
    courier_release(x);
}

static void say(exchange *x, int bucket, int use)
{
    int number = x->plan.list[bucket].piece + use;

    if (x->said[number])
        return;
    x->said[number] = true;
    x->queue[x->queued] = (piece){bucket, use};
    x->queued++; /* from here on a courier may have it */
}

void exchange_ready_use(exchange *x, int index, int use)
{
    const parameter *tensor = &x->parameters->list[index];

    CHECK(0 <= index && index < x->parameters->count && 0 <= use && use < tensor->uses);
    if (tensor->uses == 1)
        return;
    int first = buckets_find(&x->plan, tensor->first);
    for (int b = exchange_bucket_of(x, index); b >= first; b--)
        say(x, b, use);
    advance(x);
}

double exchange_filled(const exchange *x, int index, int use)
{
    const parameters *p = x->parameters;
    const parameter *t = &p->list[index];
    double sum = 0.0;

    for (int node = 0; node < p->nodes; node++)
        sum +=
            cells_filled((node_at){.floats = p->gradients + (size_t)node * p->gradient_floats +
                                             t->gradient[use]},
                         t->count);
    return sum / p->nodes;
}

static void say_bucket(exchange *x, int bucket)
{
    for (int use = 0; use < x->plan.list[bucket].uses; use++)
        say(x, bucket, use);
    x->announced = bucket;
}

void exchange_ready(exchange *x, int bucket)
{
    CHECK(bucket == x->announced - 1);
    say_bucket(x, bucket);
    advance(x);
}

void announce_parameters(void *exchange, int first)
{
    struct exchange *x = exchange;
    /* A bucket that holds the end of what comes before is not final yet. */
    int lowest = first == 0 ? 0 : exchange_bucket_of(x, first - 1) + 1;

    trace_begin(TRACE_SUM_GRADIENTS);
    while (x->announced > lowest)
        exchange_ready(x, x->announced - 1);
    trace_end();
}

void announce_use(void *exchange, int index, int use)
{
    trace_begin(TRACE_SUM_GRADIENTS);
    exchange_ready_use(exchange, index, use);
    trace_end();
}

void exchange_end(exchange *x)
{
    while (x->announced > 0)
        say_bucket(x, x->announced - 1);
    advance(x);
    await_counter(x, &x->landed, x->plan.pieces);
    exchange_gather_end(x);
}

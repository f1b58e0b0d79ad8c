/* exchange_gather.c - from updated slices back to whole parameters, and slabs laid out
 * like them to and from rank 0. */
#include <string.h>

#include "lockstep/base/trace.h"
#include "private.h"

static int tag_of(int bucket)
{
    return GRADIENT_TAGS + bucket % VALUE_TAGS;
}

/* The requests of bucket b stand in the transfers of the reduction, which is
 * over when parameters are gathered. */
static transfer *transfer_of(exchange *x, int bucket)
{
    return &x->under_way[bucket % WINDOW];
}

static void start_bucket(exchange *x, int bucket)
{
    transfer *t = transfer_of(x, bucket);
    float *values = x->parameters->values;
    slice mine = x->slices[bucket];

    t->count = 0;
    for (int step = 1; step < x->ranks; step++) {
        int peer = (x->rank + x->ranks - step) % x->ranks;
        slice theirs = bucket_slice(&x->plan.list[bucket], peer, x->ranks);

        t->requests[t->count++] = world_receive_begin(x->world, values + theirs.first,
                                                      theirs.count, peer, tag_of(bucket));
    }
    for (int step = 1; step < x->ranks; step++)
        t->requests[t->count++] = world_send_begin(x->world, values + mine.first, mine.count,
                                                   (x->rank + step) % x->ranks, tag_of(bucket));
}

static void check_idle(const exchange *x)
{
    CHECK(x->flying == 0 && x->gather_done == x->plan.count);
}

static void start_some(exchange *x)
{
    while (x->gather_started < x->gather_ready && x->gather_started < x->gather_done + WINDOW)
        start_bucket(x, x->gather_started++);
}

void exchange_gather_begin(exchange *x)
{
    check_idle(x);
    x->gather_started = x->gather_done = x->gather_ready = 0;
    if (x->ranks == 1)
        x->gather_started = x->gather_done = x->gather_ready = x->plan.count;
}

void exchange_gather_ready(exchange *x, int bucket)
{
    CHECK(0 <= bucket && bucket < x->plan.count);
    if (bucket + 1 > x->gather_ready)
        x->gather_ready = bucket + 1;
    start_some(x);
}

void exchange_gather_wait(exchange *x, int bucket)
{
    exchange_gather_ready(x, bucket);
    while (x->gather_done <= bucket) {
        transfer *t = transfer_of(x, x->gather_done);

        world_wait(x->world, t->requests, t->count);
        x->gather_done++;
        start_some(x);
    }
}

void await_parameters(void *exchange, int last)
{
    struct exchange *x = exchange;

    if (x->gather_done == x->plan.count)
        return;
    trace_begin(TRACE_GATHER_PARAMETERS);
    exchange_gather_wait(x, exchange_bucket_of(x, last));
    trace_end();
}

void exchange_gather_end(exchange *x)
{
    if (x->gather_done < x->plan.count)
        exchange_gather_wait(x, x->plan.count - 1);
}

/* On rank 0: every other rank's slice of a bucket comes into `whole`. */
static void receive_slices(exchange *x, transfer *t, int b, float *whole)
{
    for (int peer = 1; peer < x->ranks; peer++) {
        slice theirs = bucket_slice(&x->plan.list[b], peer, x->ranks);

        t->requests[t->count++] =
            world_receive_begin(x->world, whole + theirs.first, theirs.count, peer, tag_of(b));
    }
}

static void send_slices(exchange *x, transfer *t, int b, const float *whole)
{
    for (int peer = 1; peer < x->ranks; peer++) {
        slice theirs = bucket_slice(&x->plan.list[b], peer, x->ranks);

        t->requests[t->count++] =
            world_send_begin(x->world, whole + theirs.first, theirs.count, peer, tag_of(b));
    }
}

void exchange_collect(exchange *x, const float *owned, float *whole)
{
    transfer *t = &x->under_way[0];

    check_idle(x);
    for (int b = 0; b < x->plan.count; b++) {
        slice mine = x->slices[b];

        t->count = 0;
        if (x->rank == 0) {
            memcpy(whole + mine.first, owned + mine.owned, mine.count * sizeof(float));
            receive_slices(x, t, b, whole);
        } else {
            t->requests[t->count++] =
                world_send_begin(x->world, owned + mine.owned, mine.count, 0, tag_of(b));
        }
        world_wait(x->world, t->requests, t->count);
    }
}

void exchange_spread(exchange *x, const float *whole, float *owned)
{
    transfer *t = &x->under_way[0];

    check_idle(x);
    for (int b = 0; b < x->plan.count; b++) {
        slice mine = x->slices[b];

        t->count = 0;
        if (x->rank == 0) {
            memcpy(owned + mine.owned, whole + mine.first, mine.count * sizeof(float));
            send_slices(x, t, b, whole);
        } else {
            t->requests[t->count++] =
                world_receive_begin(x->world, owned + mine.owned, mine.count, 0, tag_of(b));
        }
        world_wait(x->world, t->requests, t->count);
    }
}

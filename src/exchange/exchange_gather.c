/* exchange_gather.c - from updated slices back to whole parameters, and slabs laid out
 * like them to and from rank 0. */
#include <string.h>

#include "lockstep/base/trace.h"
#include "private.h"

static int tag_of(int bucket)
{
    return GRADIENT_TAGS + bucket % VALUE_TAGS;
}

static gathering *gathering_of(exchange *x, int bucket)
{
    return &x->gathered[bucket % GATHER_WINDOW];
}

/* What member `member` of a stage's group has after it, in the value slab. */
static slice member_values(const exchange *x, int bucket, const stage *at, int member)
{
    const struct bucket *b = &x->plan.list[bucket];
    part share = bucket_part(b, stage_place(at, member), at->share, x->ranks);

    return (slice){.first = b->first + share.first, .count = share.count};
}

/* To all other members what this rank has by now. */
static void begin_sends(exchange *x, gathering *g)
{
    const stage *at = &x->stages.list[g->stage];
    slice mine = member_values(x, g->bucket, at, at->digit);

    for (int step = 1; step < at->radix; step++) {
        int member = (at->digit + step) % at->radix;

        g->requests[g->count++] =
            send_bytes(x, x->parameters->values + mine.first, mine.count * sizeof(float),
                       stage_peer(&x->stages, at, member), tag_of(g->bucket));
    }
}

static void begin_receives(exchange *x, gathering *g)
{
    for (int s = x->stages.count - 1; s >= 0; s--) {
        const stage *at = &x->stages.list[s];

        for (int step = 1; step < at->radix; step++) {
            int member = (at->digit + at->radix - step) % at->radix;
            slice theirs = member_values(x, g->bucket, at, member);

            g->requests[g->count++] = world_receive_begin(
                x->world, x->parameters->values + theirs.first, theirs.count * sizeof(float),
                stage_peer(&x->stages, at, member), tag_of(g->bucket));
        }
    }
}

static void begin_bucket(exchange *x, int bucket)
{
    gathering *g = gathering_of(x, bucket);

    *g = (gathering){.bucket = bucket, .stage = x->stages.count - 1, .requests = g->requests};
    begin_receives(x, g);
    if (g->stage >= 0)
        begin_sends(x, g);
}

/* The receives of the stage that is waited for. */
static const request *gathering_awaits(const exchange *x, const gathering *g, int *count)
{
    int past = x->stages.count - 1 - g->stage;

    CHECK(g->stage >= 0);
    *count = x->incoming[past + 1] - x->incoming[past];
    return g->requests + x->incoming[past];
}

static void advance_bucket(exchange *x, gathering *g)
{
    while (g->stage >= 0) {
        int count;
        const request *awaited = gathering_awaits(x, g, &count);

        if (!have_finished(x, awaited, count))
            return;
        if (--g->stage >= 0)
            begin_sends(x, g);
    }
}

/* Buckets are given back in order, each when its messages are gone. */
static bool finish_bucket(exchange *x)
{
    gathering *g = gathering_of(x, x->gather_done);

    if (x->gather_done == x->gather_arrived || !have_finished(x, g->requests, g->count))
        return false;
    world_wait(x->world, g->requests, g->count);
    x->gather_done++;
    return true;
}

void advance_gather(exchange *x)
{
    do {
        while (x->gather_begun < x->gather_ready &&
               x->gather_begun < x->gather_done + GATHER_WINDOW)
            begin_bucket(x, x->gather_begun++);
        for (int b = x->gather_arrived; b < x->gather_begun; b++)
            advance_bucket(x, gathering_of(x, b));
        while (x->gather_arrived < x->gather_begun &&
               gathering_of(x, x->gather_arrived)->stage < 0)
            x->gather_arrived++;
    } while (finish_bucket(x));
}

void exchange_gather_begin(exchange *x)
{
    CHECK(x->landed == x->plan.pieces && x->gather_done == x->plan.count);
    courier_hold(x);
    x->gather_ready = x->gather_begun = x->gather_arrived = x->gather_done = 0;
    courier_release(x);
}

void exchange_gather_ready(exchange *x, int bucket)
{
    CHECK(0 <= bucket && bucket < x->plan.count);
    if (bucket < x->gather_ready)
        return;
    x->gather_ready = bucket + 1;
    advance(x);
}

/* For the next bucket; where it has no room yet, until those before it have left this rank. */
const request *gather_awaits(exchange *x, int *count)
{
    bool begun = x->gather_arrived < x->gather_begun;
    const gathering *g = gathering_of(x, begun ? x->gather_arrived : x->gather_done);

    *count = g->count;
    return begun ? gathering_awaits(x, g, count) : g->requests;
}

void exchange_gather_wait(exchange *x, int bucket)
{
    exchange_gather_ready(x, bucket);
    await_counter(x, &x->gather_arrived, bucket + 1);
}

void await_parameters(void *exchange, int last)
{
    struct exchange *x = exchange;

    int bucket = exchange_bucket_of(x, last);

    if (x->gather_arrived > bucket)
        return;
    trace_begin(TRACE_GATHER_PARAMETERS);
    exchange_gather_wait(x, bucket);
    trace_end();
}

void exchange_gather_end(exchange *x)
{
    if (x->gather_done == x->plan.count)
        return;
    exchange_gather_wait(x, x->plan.count - 1);
    await_counter(x, &x->gather_done, x->plan.count);
}

/* The slice of any rank. */
static slice slice_of(const exchange *x, int bucket, int rank)
{
    const struct bucket *b = &x->plan.list[bucket];
    part share = bucket_part(b, stages_place(&x->stages, rank), 1, x->ranks);

    return (slice){.first = b->first + share.first, .count = share.count};
}

static gathering *idle(exchange *x)
{
    CHECK(x->landed == x->plan.pieces && x->gather_done == x->plan.count);
    courier_hold(x); /* it has come to rest */
    courier_release(x);
    return &x->gathered[0];
}

/* On rank 0: every other rank's slice of a bucket comes into `whole`. */
static void receive_slices(exchange *x, gathering *g, int b, float *whole)
{
    for (int peer = 1; peer < x->ranks; peer++) {
        slice theirs = slice_of(x, b, peer);

        g->requests[g->count++] = world_receive_begin(
            x->world, whole + theirs.first, theirs.count * sizeof(float), peer, tag_of(b));
    }
}

static void send_slices(exchange *x, gathering *g, int b, const float *whole)
{
    for (int peer = 1; peer < x->ranks; peer++) {
        slice theirs = slice_of(x, b, peer);

        g->requests[g->count++] = world_send_begin(
            x->world, whole + theirs.first, theirs.count * sizeof(float), peer, tag_of(b));
    }
}

void exchange_collect(exchange *x, const float *owned, float *whole)
{
    gathering *g = idle(x);

    for (int b = 0; b < x->plan.count; b++) {
        slice mine = x->slices[b];

        g->count = 0;
        if (x->rank == 0) {
            memcpy(whole + mine.first, owned + mine.owned, mine.count * sizeof(float));
            receive_slices(x, g, b, whole);
        } else {
            g->requests[g->count++] = world_send_begin(
                x->world, owned + mine.owned, mine.count * sizeof(float), 0, tag_of(b));
        }
        world_wait(x->world, g->requests, g->count);
    }
}

void exchange_spread(exchange *x, const float *whole, float *owned)
{
    gathering *g = idle(x);

    for (int b = 0; b < x->plan.count; b++) {
        slice mine = x->slices[b];

        g->count = 0;
        if (x->rank == 0) {
            memcpy(owned + mine.owned, whole + mine.first, mine.count * sizeof(float));
            send_slices(x, g, b, whole);
        } else {
            g->requests[g->count++] = world_receive_begin(
                x->world, owned + mine.owned, mine.count * sizeof(float), 0, tag_of(b));
        }
        world_wait(x->world, g->requests, g->count);
    }
}

/* exchange_reduce.c - from the gradients of each rank's grains to summed slices. */
#include "lockstep/base/trace.h"
#include "private.h"

static int tag_of(const exchange *x, int bucket, int use, int node)
{
    int number = (bucket % GRADIENT_TAGS) * PARAMETER_USES + use;

    return (number % GRADIENT_TAGS * x->sum.root.last + node) % GRADIENT_TAGS;
}

static bool is_mine(const exchange *x, int node)
{
    return x->holder[node] == x->rank;
}

/* Where this rank's own gradient of a node stands, from a slice's start on. */
static const float *own_node(const exchange *x, const bucket *b, int use, int node, slice s)
{
    size_t plane = (size_t)(node - x->first_node);

    return x->parameters->gradients + plane * x->parameters->gradient_floats +
           b->gradient[use] + (s.first - b->first);
}

/* Every other rank's nodes of the slice that this rank owns. */
static void receive_slice(exchange *x, transfer *t, const bucket *b)
{
    slice mine = x->slices[t->bucket];
    float *to = t->buffer;

    for (int use = 0; use < b->uses; use++)
        for (int node = 0; node < x->sum.root.last; node++) {
            if (is_mine(x, node))
                continue;
            t->requests[t->count++] = world_receive_begin(
                x->world, to, mine.count, x->holder[node], tag_of(x, t->bucket, use, node));
            to += mine.count;
        }
}

/* This rank's nodes of the slice that `peer` owns. */
static void send_slice(exchange *x, transfer *t, const bucket *b, int peer)
{
    slice theirs = bucket_slice(b, peer, x->ranks);

    for (int use = 0; use < b->uses; use++)
        for (int i = 0; i < x->parameters->nodes; i++) {
            int node = x->first_node + i;

            t->requests[t->count++] =
                world_send_begin(x->world, own_node(x, b, use, node, theirs), theirs.count,
                                 peer, tag_of(x, t->bucket, use, node));
        }
}

static void start_next(exchange *x)
{
    transfer *t = &x->under_way[(x->oldest + x->flying) % WINDOW];
    const bucket *b = &x->plan.list[x->next];

    t->bucket = x->next--;
    t->count = 0;
    x->flying++;
    if (x->ranks == 1)
        return;
    receive_slice(x, t, b);
    /* Not all ranks to rank 0 first. */
    for (int step = 1; step < x->ranks; step++)
        send_slice(x, t, b, (x->rank + step) % x->ranks);
}

static bool has_arrived(exchange *x)
{
    const transfer *t = &x->under_way[x->oldest];

    for (int i = 0; i < t->count; i++)
        if (!world_test(x->world, t->requests[i]))
            return false;
    return true;
}

/* Wait for the oldest transfer, and add what it brought. */
static void finish_oldest(exchange *x)
{
    transfer *t = &x->under_way[x->oldest];
    const bucket *b = &x->plan.list[t->bucket];
    slice mine = x->slices[t->bucket];
    const float *received = t->buffer;
    const float **source = x->sources;

    world_wait(x->world, t->requests, t->count);
    for (int use = 0; use < b->uses; use++)
        for (int node = 0; node < x->sum.root.last; node++) {
            if (is_mine(x, node)) {
                *source++ = own_node(x, b, use, node, mine);
                continue;
            }
            *source++ = received;
            received += mine.count;
        }
    node_sum_apply(&x->sum, x->sources, b->uses, x->gradients + mine.owned, mine.count, x->add);
    x->oldest = (x->oldest + 1) % WINDOW;
    x->flying--;
}

/* Start and finish what can be without waiting. */
static void advance(exchange *x)
{
    for (;;) {
        if (x->flying > 0 && has_arrived(x))
            finish_oldest(x);
        else if (x->flying < WINDOW && x->next >= x->announced)
            start_next(x);
        else
            return;
    }
}

void exchange_begin(exchange *x, bool add)
{
    CHECK(x->flying == 0 && (x->accumulate || !add));
    x->add = add;
    x->announced = x->plan.count;
    x->next = x->plan.count - 1;
}

void exchange_ready(exchange *x, int bucket)
{
    CHECK(bucket == x->announced - 1);
    exchange_gather_end(x);
    x->announced = bucket;
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
    (void)exchange;
    (void)index;
    (void)use;
}

void exchange_move(exchange *x)
{
    if (x->flying > 0) {
        world_poke(x->world);
        advance(x);
    }
}

void move_messages(void *exchange)
{
    exchange_move(exchange);
}

exchange_traffic exchange_traffic_of(const exchange *x)
{
    return x->traffic;
}

void exchange_end(exchange *x)
{
    exchange_gather_end(x);
    x->announced = 0;
    advance(x);
    while (x->flying > 0) {
        finish_oldest(x);
        advance(x);
    }
}

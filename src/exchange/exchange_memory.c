/* exchange_memory.c - the memory of what is under way. */
#include "lockstep/base/memory.h"
#include "private.h"

/* What one piece takes at most. */
typedef struct needs {
    int arrivals, sends; /* messages */
    int nodes, leaves;   /* held at a time, added at a time */
    size_t received;     /* floats */
    size_t packed;       /* floats that may have to be packed */
} needs;

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* The messages, the same for all pieces, and where in their list each stage's arrivals begin.
 * */
static needs count_messages(exchange *x)
{
    needs n = {.nodes = x->parameters->nodes, .leaves = 1};

    for (int s = 0; s < x->stages.count; s++) {
        const stage *at = &x->stages.list[s];
        int own = stage_nodes(at);

        x->arrival[s] = n.arrivals;
        n.arrivals += at->join.last - own;
        n.sends += own * (at->radix - 1);
        n.nodes = larger(n.nodes, larger(own, at->join.nodes));
        n.leaves = larger(n.leaves, at->join.last);
    }
    x->arrival[x->stages.count] = n.arrivals;
    return n;
}

/* The memory of a piece of this bucket. */
static void count_floats(const exchange *x, const bucket *b, size_t *received, size_t *packed)
{
    *received = *packed = 0;
    for (int s = 0; s < x->stages.count; s++) {
        const stage *at = &x->stages.list[s];
        size_t own = (size_t)stage_nodes(at);
        size_t all = bucket_part(b, at->place, at->share * at->radix, x->ranks).count;
        size_t share = bucket_part(b, stage_place(at, at->digit), at->share, x->ranks).count;

        *received += ((size_t)at->join.last - own) * share;
        *packed += own * (all - share);
    }
}

static needs count_all(exchange *x)
{
    needs n = count_messages(x);

    for (int b = 0; b < x->plan.count; b++) {
        size_t received, packed;

        count_floats(x, &x->plan.list[b], &received, &packed);
        n.received = received > n.received ? received : n.received;
        n.packed = packed > n.packed ? packed : n.packed;
    }
    return n;
}

static status create_transfer(const exchange *x, transfer *t, const needs *n)
{
    size_t size = x->settings.half ? sizeof(uint16_t) : sizeof(float);

    t->requests = memory_create((size_t)(n->arrivals + n->sends), sizeof(*t->requests));
    t->arrivals = memory_create((size_t)n->arrivals, sizeof(*t->arrivals));
    t->nodes = memory_create((size_t)n->nodes, sizeof(*t->nodes));
    t->received = memory_create(n->received, size);
    t->packed = memory_create(x->settings.half ? n->packed : 0, sizeof(*t->packed));
    if (t->requests == NULL || t->arrivals == NULL || t->nodes == NULL || t->received == NULL ||
        t->packed == NULL)
        return fail(STATUS_NOMEM,
                    "%zu received gradients: make distributed.bucket_bytes smaller",
                    n->received);
    return STATUS_OK;
}

/* Back through the stages; and slabs that are collected or spread at rank 0 use the first. */
static status create_gatherings(exchange *x, int *messages)
{
    int count = x->stages.count, incoming = 0;

    for (int s = count - 1; s >= 0; s--) {
        x->incoming[count - 1 - s] = incoming;
        incoming += x->stages.list[s].radix - 1;
    }
    x->incoming[count] = incoming;
    *messages = larger(2 * incoming, x->ranks);
    for (int i = 0; i < GATHER_WINDOW; i++) {
        x->gathered[i].requests =
            memory_create((size_t)*messages, sizeof(*x->gathered[i].requests));
        if (x->gathered[i].requests == NULL)
            return fail(STATUS_NOMEM, "messages to %d ranks", x->ranks);
    }
    return STATUS_OK;
}

status create_transfers(exchange *x)
{
    size_t stages = (size_t)x->stages.count + 1;
    int messages;

    x->arrival = memory_create(stages, sizeof(*x->arrival));
    x->incoming = memory_create(stages, sizeof(*x->incoming));
    if (x->arrival == NULL || x->incoming == NULL)
        return fail(STATUS_NOMEM, "stages of %d ranks", x->ranks);
    needs n = count_all(x);
    x->leaves = memory_create((size_t)n.leaves, sizeof(*x->leaves));
    if (x->leaves == NULL)
        return fail(STATUS_NOMEM, "nodes of %d ranks", x->ranks);
    for (int i = 0; i < WINDOW; i++)
        TRY(create_transfer(x, &x->under_way[i], &n));
    TRY(create_gatherings(x, &messages));
    return world_reserve(x->world, WINDOW * (n.arrivals + n.sends) + GATHER_WINDOW * messages);
}

void destroy_transfers(exchange *x)
{
    for (int i = 0; i < WINDOW; i++) {
        transfer *t = &x->under_way[i];

        memory_destroy(t->requests);
        memory_destroy(t->arrivals);
        memory_destroy(t->nodes);
        memory_destroy(t->received);
        memory_destroy(t->packed);
    }
    for (int i = 0; i < GATHER_WINDOW; i++)
        memory_destroy(x->gathered[i].requests);
    memory_destroy(x->arrival);
    memory_destroy(x->incoming);
    memory_destroy(x->leaves);
}

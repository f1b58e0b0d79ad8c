/* exchange.c - creating an exchange, and what it says of itself. */
#include "lockstep/exchange/exchange.h"

#include "lockstep/base/memory.h"
#include "private.h"

/* Who holds which leaf of the tree's root. */
static status learn_holders(exchange *x, int grains)
{
    int node = 0;

    x->holder = memory_create((size_t)x->sum.root.last, sizeof(*x->holder));
    x->sources = memory_create((size_t)x->sum.root.last * PARAMETER_USES, sizeof(*x->sources));
    if (x->holder == NULL || x->sources == NULL)
        return fail(STATUS_NOMEM, "nodes of %d ranks", x->ranks);
    for (int rank = 0; rank < x->ranks; rank++) {
        int first, last;
        tree_run run;

        tree_split(grains, rank, x->ranks, &first, &last);
        TRY(tree_run_init(&run, first, last, grains));
        if (rank == x->rank) {
            CHECK(run.nodes == x->parameters->nodes);
            x->first_node = node;
        }
        for (int i = 0; i < run.nodes; i++)
            x->holder[node++] = rank;
        tree_run_free(&run);
    }
    CHECK(node == x->sum.root.last);
    return STATUS_OK;
}

static status learn_slices(exchange *x)
{
    x->slices = memory_create((size_t)x->plan.count, sizeof(*x->slices));
    if (x->slices == NULL)
        return fail(STATUS_NOMEM, "%d slices", x->plan.count);
    for (int b = 0; b < x->plan.count; b++) {
        x->slices[b] = bucket_slice(&x->plan.list[b], x->rank, x->ranks);
        x->slices[b].owned = x->owned;
        x->owned += x->slices[b].count;
    }
    return STATUS_OK;
}

static status create_gradients(exchange *x, bool accumulate)
{
    x->accumulate = accumulate;
    x->separate = accumulate || x->ranks > 1;
    x->gradients = x->parameters->gradients;
    if (!x->separate)
        return STATUS_OK;
    x->gradients = memory_create(x->owned, sizeof(float));
    if (x->gradients == NULL)
        return fail(STATUS_NOMEM, "%zu summed gradients", x->owned);
    return STATUS_OK;
}

/* Room for the bucket that brings the most. */
static status create_transfers(exchange *x)
{
    int nodes = x->sum.root.last, others = nodes - x->parameters->nodes;
    int sent = x->parameters->nodes * (x->ranks - 1);
    int room = PARAMETER_USES * (sent + others);
    size_t floats = 0;

    for (int b = 0; b < x->plan.count; b++) {
        size_t brings = x->slices[b].count * (size_t)x->plan.list[b].uses;

        floats = brings > floats ? brings : floats;
    }
    for (int i = 0; i < WINDOW && x->ranks > 1; i++) {
        transfer *t = &x->under_way[i];

        t->requests = memory_create((size_t)room, sizeof(*t->requests));
        t->buffer = memory_create(floats * (size_t)others, sizeof(float));
        if (t->requests == NULL || t->buffer == NULL)
            return fail(STATUS_NOMEM,
                        "%zu received gradients: make "
                        "distributed.bucket_bytes smaller",
                        floats * (size_t)others);
    }
    return world_reserve(x->world, WINDOW * room);
}

static status fill(exchange *x, int grains, size_t bucket_bytes, bool accumulate)
{
    if (x->ranks > grains)
        return fail(STATUS_CONFIG,
                    "%d ranks cannot share batch.grains: %d; start fewer "
                    "ranks or set more grains",
                    x->ranks, grains);
    TRY(buckets_init(&x->plan, x->parameters, bucket_bytes));
    TRY(node_sum_init(&x->sum, grains, x->ranks, x->parameters->half));
    TRY(learn_holders(x, grains));
    TRY(learn_slices(x));
    TRY(create_gradients(x, accumulate));
    TRY(create_transfers(x));
    x->block_sums =
        memory_create(x->parameters->floats / PARAMETER_BLOCK, sizeof(*x->block_sums));
    if (x->block_sums == NULL)
        return fail(STATUS_NOMEM, "sums of blocks");
    return STATUS_OK;
}

status exchange_create(exchange **out, world *world, parameters *parameters, int grains,
                       size_t bucket_bytes, bool accumulate)
{
    exchange *x = memory_create(1, sizeof(*x));

    *out = NULL;
    if (x == NULL)
        return fail(STATUS_NOMEM, "gradient exchange");
    x->world = world;
    x->parameters = parameters;
    x->rank = world_rank(world);
    x->ranks = world_size(world);
    x->hooks = (parameter_hooks){announce_parameters, await_parameters, x};
    status code = fill(x, grains, bucket_bytes, accumulate);
    if (code != STATUS_OK) {
        exchange_destroy(x);
        return code;
    }
    *out = x;
    return STATUS_OK;
}

void exchange_destroy(exchange *x)
{
    if (x == NULL)
        return;
    for (int i = 0; i < WINDOW; i++) {
        memory_destroy(x->under_way[i].requests);
        memory_destroy(x->under_way[i].buffer);
    }
    if (x->separate)
        memory_destroy(x->gradients);
    buckets_free(&x->plan);
    node_sum_free(&x->sum);
    memory_destroy(x->holder);
    memory_destroy(x->sources);
    memory_destroy(x->slices);
    memory_destroy(x->block_sums);
    memory_destroy(x);
}

int exchange_buckets(const exchange *x)
{
    return x->plan.count;
}

int exchange_bucket_of(const exchange *x, int index)
{
    CHECK(0 <= index && index < x->parameters->count);
    const parameter *tensor = &x->parameters->list[index];

    return buckets_find(&x->plan, tensor->first + tensor->count - 1);
}

const parameter_hooks *exchange_hooks(const exchange *x)
{
    return &x->hooks;
}

const slice *exchange_slices(const exchange *x)
{
    return x->slices;
}

size_t exchange_owned(const exchange *x)
{
    return x->owned;
}

float *exchange_gradients(exchange *x)
{
    return x->gradients;
}

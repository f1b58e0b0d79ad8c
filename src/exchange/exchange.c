/* exchange.c - creating an exchange, and what it says of itself. */
#include "lockstep/exchange/exchange.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "private.h"
#include "route.h"

/* A number for each host, in the order of their first ranks. */
static void number_hosts(const exchange *x, int *hosts)
{
    int count = 0;

    for (int rank = 0; rank < x->ranks; rank++) {
        int before = 0;

        while (strcmp(world_host(x->world, before), world_host(x->world, rank)) != 0)
            before++;
        hosts[rank] = before == rank ? count++ : hosts[before];
    }
}

static status choose_route(const exchange *x, route *out)
{
    int *hosts = memory_create((size_t)x->ranks, sizeof(*hosts));

    if (hosts == NULL)
        return fail(STATUS_NOMEM, "hosts of %d ranks", x->ranks);
    number_hosts(x, hosts);
    status found = route_find(out, &x->settings, &x->plan, x->parameters, hosts, x->ranks);
    memory_destroy(hosts);
    return found;
}

static status open_stages(exchange *x)
{
    int slots = 1;
    route r;

    TRY(choose_route(x, &r));
    TRY(stages_init(&x->stages, x->rank, r.radices, r.count, x->settings.grains));
    CHECK(x->stages.ranks == x->ranks);
    for (int s = 0; s < x->stages.count; s++) {
        const tree_run *join = &x->stages.list[s].join;

        slots = join->slots > slots ? join->slots : slots;
    }
    CHECK(x->stages.count == 0 || stage_nodes(&x->stages.list[0]) == x->parameters->nodes);
    return node_sum_init(&x->sum, slots, x->settings.half);
}

static status learn_slices(exchange *x)
{
    x->slices = memory_create((size_t)x->plan.count, sizeof(*x->slices));
    if (x->slices == NULL)
        return fail(STATUS_NOMEM, "%d slices", x->plan.count);
    for (int b = 0; b < x->plan.count; b++) {
        const bucket *from = &x->plan.list[b];
        part share = bucket_part(from, x->stages.place, 1, x->ranks);

        x->slices[b] = (slice){from->first + share.first, share.count, x->owned};
        x->owned += share.count;
    }
    return STATUS_OK;
}

static status create_gradients(exchange *x)
{
    x->separate = x->settings.accumulate || x->ranks > 1;
    x->gradients = x->parameters->gradients;
    if (!x->separate)
        return STATUS_OK;
    x->gradients = memory_create(x->owned, sizeof(float));
    if (x->gradients == NULL)
        return fail(STATUS_NOMEM, "%zu summed gradients", x->owned);
    return STATUS_OK;
}

/* Nothing is under way: all pieces have landed, all values are there. */
static status create_queue(exchange *x)
{
    size_t pieces = (size_t)x->plan.pieces;

    x->said = memory_create(pieces, sizeof(*x->said));
    x->queue = memory_create(pieces, sizeof(*x->queue));
    x->missing = memory_create((size_t)x->plan.count, sizeof(*x->missing));
    if (x->said == NULL || x->queue == NULL || x->missing == NULL)
        return fail(STATUS_NOMEM, "%d pieces of gradients", x->plan.pieces);
    x->queued = x->begun = x->landed = x->plan.pieces;
    x->gather_ready = x->gather_begun = x->gather_arrived = x->gather_done = x->plan.count;
    return STATUS_OK;
}

static status fill(exchange *x)
{
    if (x->ranks > x->settings.grains)
        return fail(STATUS_CONFIG,
                    "%d ranks cannot share batch.grains: %d; start fewer "
                    "ranks or set more grains",
                    x->ranks, x->settings.grains);
    TRY(buckets_init(&x->plan, x->parameters, x->settings.bucket_bytes));
    TRY(open_stages(x));
    TRY(learn_slices(x));
    TRY(create_gradients(x));
    TRY(create_queue(x));
    TRY(create_transfers(x));
    x->block_sums =
        memory_create(x->parameters->floats / PARAMETER_BLOCK, sizeof(*x->block_sums));
    if (x->block_sums == NULL)
        return fail(STATUS_NOMEM, "sums of blocks");
    return x->settings.courier && x->ranks > 1 ? courier_begin(x) : STATUS_OK;
}

status exchange_create(exchange **out, world *world, parameters *parameters,
                       exchange_settings settings)
{
    exchange *x = memory_create(1, sizeof(*x));

    *out = NULL;
    if (x == NULL)
        return fail(STATUS_NOMEM, "gradient exchange");
    x->world = world;
    x->parameters = parameters;
    x->settings = settings;
    CHECK(settings.half == parameters->half);
    x->rank = world_rank(world);
    x->ranks = world_size(world);
    x->hooks = (parameter_hooks){.ready = announce_parameters,
                                 .ready_use = announce_use,
                                 .need = await_parameters,
                                 .move = move_messages,
                                 .user = x};
    status code = fill(x);
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
    courier_end(x);
    destroy_transfers(x);
    if (x->separate)
        memory_destroy(x->gradients);
    buckets_free(&x->plan);
    stages_free(&x->stages);
    node_sum_free(&x->sum);
    memory_destroy(x->said);
    memory_destroy(x->queue);
    memory_destroy(x->missing);
    memory_destroy(x->slices);
    memory_destroy(x->block_sums);
    memory_destroy(x);
}

void exchange_text(const exchange *x, char out[EXCHANGE_TEXT])
{
    stages_text(&x->stages, out, EXCHANGE_TEXT);
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

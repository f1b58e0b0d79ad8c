/* exchange_alone.c - training steps without a model: made-up gradients of each grain go
 * through the tree, the exchange and the optimizer.
 *
 *     mpirun -n P exchange_alone CONFIG STEPS
 *
 * Rank 0 prints a hash of the parameters, which is the same for any P. The program is built
 * of base, config, comm, slab, exchange and optim alone, as a simulation of the exchange is:
 * what links here needs no BLAS, no HDF5 and no model.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lockstep/base/log.h"
#include "lockstep/base/random.h"
#include "lockstep/config/config.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/optim/optimizer.h"
#include "lockstep/slab/node.h"
#include "lockstep/slab/parameters.h"
#include "lockstep/slab/tree.h"

typedef struct alone {
    world *world;
    config config;
    parameters parameters;
    tree_run tree;
    exchange *exchange;
    optimizer optimizer;
} alone;

static status add_tensors(parameters *p)
{
    int tied, other, use;

    TRY(parameters_add(p, &tied, "embedding.weight", 2, 300, 64, FILL_NORMAL));
    TRY(parameters_add(p, &other, "linear.weight", 2, 256, 64, FILL_XAVIER));
    parameters_add_use(p, tied, &use);
    return parameters_add(p, &other, "linear.bias", 1, 1, 256, FILL_ZERO);
}

static status open_all(alone *a, const char *path)
{
    const optimizer_settings settings = {.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-9};
    int first, last;

    TRY(config_load(&a->config, path, NULL, 0));
    int grains = a->config.batch.grains;
    tree_split(grains, world_rank(a->world), world_size(a->world), &first, &last);
    TRY(tree_run_init(&a->tree, first, last, grains));
    parameters_init(&a->parameters);
    TRY(add_tensors(&a->parameters));
    TRY(parameters_allocate(&a->parameters, a->tree.nodes));
    parameters_initialize(&a->parameters, (uint64_t)a->config.run.seed);
    TRY(exchange_create(&a->exchange, a->world, &a->parameters,
                        (exchange_settings){
                            .grains = grains,
                            .bucket_bytes = (size_t)a->config.distributed.bucket_bytes,
                            .route = (exchange_route)a->config.distributed.exchange,
                        }));
    return optimizer_init(&a->optimizer, optimizer_find("adam"), &settings,
                          exchange_owned(a->exchange), 1);
}

static void close_all(alone *a)
{
    exchange_destroy(a->exchange);
    optimizer_free(&a->optimizer);
    parameters_free(&a->parameters);
    tree_run_free(&a->tree);
    config_free(&a->config);
}

/* What a grain gives to one float of a plane. */
static float leaf(const alone *a, uint32_t step, int grain, size_t at)
{
    uint64_t bits = random_bits((uint64_t)a->config.run.seed, RANDOM_TEST, (uint32_t)at,
                                (uint32_t)grain, step);

    return random_uniform((uint32_t)bits) - 0.5f;
}

static void set_place(alone *a, uint32_t step, size_t at)
{
    float *plane = a->parameters.gradients + at;
    size_t stride = a->parameters.gradient_floats;
    float slots[33]; /* the tree has at most 32 levels */

    for (int k = 0; k < a->tree.last - a->tree.first; k++) {
        int top = a->tree.step[k].slot;

        slots[top] = leaf(a, step, a->tree.first + k, at);
        for (int m = 0; m < a->tree.step[k].merges; m++, top--)
            node_add(&slots[top - 1], &slots[top - 1], &slots[top], 1, false);
    }
    for (int node = 0; node < a->tree.nodes; node++)
        plane[(size_t)node * stride] = slots[node];
}

static void set_gradients(alone *a, uint32_t step)
{
    for (int i = 0; i < a->parameters.count; i++) {
        const parameter *p = &a->parameters.list[i];

        for (int use = 0; use < p->uses; use++)
            for (size_t at = 0; at < p->count; at++)
                set_place(a, step, p->gradient[use] + at);
    }
}

static void run_step(alone *a, uint32_t step)
{
    exchange *x = a->exchange;
    const slice *slices = exchange_slices(x);

    set_gradients(a, step);
    exchange_begin(x, false);
    for (int b = exchange_buckets(x) - 1; b >= 0; b--)
        exchange_ready(x, b);
    exchange_end(x);
    const optimizer_moment moment = {
        .rate = 0.01, .scale = 1.0 / (1.0 + exchange_norm(x)), .step = step + 1};
    for (int b = 0; b < exchange_buckets(x); b++)
        optimizer_update(&a->optimizer, &moment, a->parameters.values + slices[b].first,
                         exchange_gradients(x) + slices[b].owned, slices[b].owned,
                         slices[b].count);
    exchange_gather_begin(x);
    exchange_gather_end(x);
}

/* FNV-1a over the bytes. */
static uint64_t hash(const parameters *p)
{
    const unsigned char *bytes = (const unsigned char *)p->values;
    uint64_t sum = 0xcbf29ce484222325u;

    for (size_t i = 0; i < p->floats * sizeof(float); i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    return sum;
}

int main(int argc, char **argv)
{
    alone a = {0};
    status result = world_open(&a.world, &argc, &argv);

    if (result == STATUS_OK && argc != 3)
        result = fail(STATUS_USAGE, "usage: exchange_alone CONFIG STEPS");
    if (result == STATUS_OK)
        result = world_agree(a.world, open_all(&a, argv[1]));
    if (result != STATUS_OK)
        log_error("%s", error_message());
    for (long step = 0; result == STATUS_OK && step < strtol(argv[2], NULL, 10); step++)
        run_step(&a, (uint32_t)step);
    if (result == STATUS_OK && world_rank(a.world) == 0)
        printf("%016" PRIx64 "\n", hash(&a.parameters));
    close_all(&a);
    world_close(a.world);
    return status_exit_code(result);
}

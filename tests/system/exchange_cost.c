/* exchange_cost.c - what a step's exchange takes, without a model.
 *
 *     mpirun -n P exchange_cost STEPS [courier]
 *
 * The parameters are those of 6+6 layers of width 512 and one table of 32,000 symbols: 60
 * million floats. Rank 0 prints the seconds of a step, and those of the processor that the
 * thread which would compute spends on it: the least of the steps.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/comm/world.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/slab/parameters.h"

enum { TENSORS = 42, SIDE = 1024, SYMBOLS = 32000, WIDTH = 512, LOOKED_UP = 12 };

/* The source's and the target's embedding, and the output layer. */
static status add_table(parameters *p)
{
    int table, use;

    TRY(parameters_add(p, &table, "table", 2, SYMBOLS, WIDTH, FILL_NORMAL));
    parameters_add_use(p, table, &use);
    parameters_add_use(p, table, &use);
    return STATUS_OK;
}

static status add_tensors(parameters *p)
{
    TRY(add_table(p));
    for (int i = 0; i < TENSORS; i++) {
        char name[16];
        int index;

        snprintf(name, sizeof(name), "layer.%d", i);
        TRY(parameters_add(p, &index, name, 2, SIDE, SIDE, FILL_NORMAL));
    }
    return STATUS_OK;
}

/* One row of LOOKED_UP of the embeddings, all of the rest. */
static void set_gradients(const parameters *p)
{
    for (int i = 0; i < p->count; i++)
        for (int use = 0; use < p->list[i].uses; use++)
            for (size_t at = 0; at < p->list[i].count; at++) {
                bool sparse = p->list[i].uses > 1 && use < 2;
                size_t row = at / (size_t)p->list[i].cols;

                p->gradients[p->list[i].gradient[use] + at] =
                    sparse && row % LOOKED_UP != 0 ? 0.0f : 1.0f;
            }
}

static double thread_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void run_step(exchange *x)
{
    exchange_begin(x, false);
    for (int b = exchange_buckets(x) - 1; b >= 0; b--)
        exchange_ready(x, b);
    exchange_end(x);
    exchange_gather_begin(x);
    for (int b = 0; b < exchange_buckets(x); b++)
        exchange_gather_ready(x, b);
    exchange_gather_end(x);
}

static void run(world *w, exchange *x, const parameters *p, int steps)
{
    double wall = 1e9, busy = 1e9;

    for (int step = 0; step < steps; step++) {
        set_gradients(p);
        world_barrier(w);
        double began = clock_seconds(), spent = thread_seconds();
        run_step(x);
        spent = thread_seconds() - spent;
        began = clock_seconds() - began;
        wall = began < wall ? began : wall;
        busy = spent < busy ? spent : busy;
    }
    if (world_rank(w) == 0)
        printf("%d ranks: %.3f s a step, %.3f s of this thread, %.3f GB sent\n", world_size(w),
               wall, busy, 1e-9 * exchange_traffic_of(x).bytes / steps);
}

static status open_exchange(world *w, parameters *p, bool courier, exchange **out)
{
    parameters_init(p);
    TRY(add_tensors(p));
    TRY(parameters_allocate(p, 1));
    return exchange_create(out, w, p,
                           (exchange_settings){.grains = world_size(w),
                                               .bucket_bytes = 8 << 20,
                                               .courier = courier});
}

int main(int argc, char **argv)
{
    world *w = NULL;
    exchange *x = NULL;
    parameters p;
    status result = world_open(&w, &argc, &argv);

    parameters_init(&p);
    if (result == STATUS_OK)
        result = world_agree(w, open_exchange(w, &p, argc > 2, &x));
    if (result == STATUS_OK)
        run(w, x, &p, argc > 1 ? (int)strtol(argv[1], NULL, 10) : 5);
    else
        log_error("%s", error_message());
    exchange_destroy(x);
    parameters_free(&p);
    world_close(w);
    return status_exit_code(result);
}

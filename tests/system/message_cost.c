/* message_cost.c - what a message between two ranks costs: the constants of
 * src/exchange/route_cost.c.
 *
 *     mpirun -n 2 message_cost [REPEATS]
 *
 * Rank 0 prints the latency of an empty exchange, the time of a message among many, the time
 * of a byte of large ones that go both ways, and that of a float that is added.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/comm/world.h"
#include "lockstep/slab/node.h"

enum { SMALL = 1, MIDDLE = 1024, LARGE = 1 << 20, MANY = 32 }; /* floats; messages */

/* Seconds of `count` messages of so many floats each way, begun together. */
static double exchange_once(world *w, float *out, float *in, size_t floats, int count)
{
    request requests[2 * MANY];
    int peer = 1 - world_rank(w);
    double start = clock_seconds();

    for (int i = 0; i < count; i++)
        requests[i] =
            world_receive_begin(w, in + (size_t)i * floats, floats * sizeof(float), peer, i);
    for (int i = 0; i < count; i++)
        requests[count + i] =
            world_send_begin(w, out + (size_t)i * floats, floats * sizeof(float), peer, i);
    world_wait(w, requests, 2 * count);
    return clock_seconds() - start;
}

/* The fastest of many: others use the machine too. */
static double best_exchange(world *w, float *out, float *in, size_t floats, int count,
                            int repeats)
{
    double best = 1e9;

    for (int i = 0; i < repeats; i++) {
        world_barrier(w);
        double seconds = exchange_once(w, out, in, floats, count);
        best = seconds < best ? seconds : best;
    }
    return world_max_double(w, best);
}

static double best_addition(float *out, const float *in, int repeats)
{
    double best = 1e9;

    for (int i = 0; i < repeats; i++) {
        double start = clock_seconds();

        node_add(out, out, in, LARGE, false);
        double seconds = clock_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

static void measure(world *w, float *out, float *in, int repeats)
{
    double latency = best_exchange(w, out, in, SMALL, 1, repeats);
    double many = best_exchange(w, out, in, MIDDLE, MANY, repeats);
    double large = best_exchange(w, out, in, LARGE, 1, repeats);
    double addition = best_addition(out, in, repeats);

    if (world_rank(w) != 0)
        return;
    double byte = large / (LARGE * sizeof(float));
    printf("latency %.2g s\n", latency);
    printf("message %.2g s, sent or received\n",
           (many - MANY * MIDDLE * sizeof(float) * byte) / (2 * MANY));
    printf("byte %.2g s\n", byte);
    printf("float added %.2g s\n", addition / LARGE);
}

int main(int argc, char **argv)
{
    world *w = NULL;
    status result = world_open(&w, &argc, &argv);
    float *out = memory_create(LARGE, sizeof(float)), *in = memory_create(LARGE, sizeof(float));

    if (result == STATUS_OK && world_size(w) != 2)
        result = fail(STATUS_USAGE, "usage: mpirun -n 2 message_cost [REPEATS]");
    if (result == STATUS_OK && (out == NULL || in == NULL))
        result = fail(STATUS_NOMEM, "messages");
    if (result == STATUS_OK)
        measure(w, out, in, argc > 1 ? (int)strtol(argv[1], NULL, 10) : 100);
    else
        log_error("%s", error_message());
    memory_destroy(out);
    memory_destroy(in);
    world_close(w);
    return status_exit_code(result);
}

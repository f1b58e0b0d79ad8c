/* player.c - a recorded step, played by a simulated rank. */
#include "player.h"

#include <math.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/random.h"
#include "lockstep/comm/simulated.h"
#include "lockstep/slab/tree.h"

/* Looks for messages between two events, at most: what has come is seen late by a
 * thousandth of what lies between them. A courier's: by a hundredth, and by what it naps. */
static const double most_moves = 1000.0, courier_looks = 100.0, nap = 20e-6;

status player_open(player *out, world *world, const recording *r, exchange_settings settings,
                   double slowdown)
{
    int first, last;

    *out = (player){
        .recording = r, .world = world, .slowdown = slowdown, .courier = settings.courier};
    settings.courier = false; /* its thread would be none of the simulation */
    if (world_size(world) > settings.grains)
        return fail(STATUS_CONFIG, "%d ranks cannot share %d grains", world_size(world),
                    settings.grains);
    tree_split(settings.grains, world_rank(world), world_size(world), &first, &last);
    TRY(slabs_open(&out->slabs, r, tree_nodes(settings.grains, first, last),
                   world_rank(world)));
    return exchange_create(&out->exchange, world, &out->slabs.parameters, settings);
}

void player_close(player *p)
{
    exchange_destroy(p->exchange);
    slabs_close(&p->slabs);
}

/* ---- time ---- */

/* A normal number (Box and Muller 1958). */
static double draw_normal(int rank, int step)
{
    uint64_t bits = random_bits(0, RANDOM_SIMULATION, (uint32_t)rank, (uint32_t)step, 1);
    double radius = ((double)(uint32_t)bits + 0.5) / 4294967296.0;
    double angle = (double)(bits >> 32) / 4294967296.0;

    return sqrt(-2.0 * log(radius)) * cos(6.283185307179586 * angle);
}

/* The courier's work until the computing thread is done with its own. */
static void carry_beside(player *p, double seconds)
{
    double look = fmax(nap, seconds / courier_looks);

    p->clock += seconds;
    while (clock_seconds() < p->clock) {
        exchange_move(p->exchange);
        simulated_pass(fmax(0.0, fmin(look, p->clock - clock_seconds())));
    }
}

/* The computing thread goes on when the courier has what it waits for. */
static void meet(player *p)
{
    p->clock = fmax(p->clock, clock_seconds());
}

/* What is there is not waited for, even where the courier is busy with other messages. */
static void need(player *p, int tensor)
{
    const parameter_hooks *hooks = exchange_hooks(p->exchange);
    long waits = exchange_traffic_of(p->exchange).waits;

    hooks->need(hooks->user, tensor);
    if (exchange_traffic_of(p->exchange).waits > waits)
        meet(p);
}

static void compute(player *p, double seconds)
{
    double takes = seconds * p->slowdown * p->pace;

    p->computing += takes;
    if (p->courier)
        carry_beside(p, takes);
    else
        simulated_pass(takes);
}

/* A pass moves messages along now and then. */
static void compute_and_move(player *p, double seconds, double moves)
{
    int parts = p->courier ? 1 : (int)fmin(moves, most_moves) + 1;

    for (int i = 0; i < parts; i++) {
        compute(p, seconds / parts);
        if (i + 1 < parts)
            exchange_move(p->exchange);
    }
}

/* ---- a step ---- */

static void begin_batch(player *p, bool add)
{
    slabs_set_gradients(&p->slabs);
    exchange_begin(p->exchange, add);
}

static void play_event(player *p, const recorded_event *e)
{
    const parameter_hooks *hooks = exchange_hooks(p->exchange);

    compute_and_move(p, e->seconds, e->moves);
    switch (e->kind) {
    case RECORDED_NEED:
        need(p, e->tensor);
        return;
    case RECORDED_READY_USE:
        hooks->ready_use(hooks->user, e->tensor, e->use);
        return;
    case RECORDED_READY:
        hooks->ready(hooks->user, e->tensor);
        return;
    case RECORDED_END:
        exchange_end(p->exchange);
        meet(p);
        return;
    }
    CHECK(false);
}

static void play_pass(player *p)
{
    const recording *r = p->recording;
    bool ended = true;

    for (int i = 0; i < r->event_count; i++) {
        if (ended)
            begin_batch(p, i > 0);
        play_event(p, &r->events[i]);
        ended = r->events[i].kind == RECORDED_END;
    }
    if (!ended)
        exchange_end(p->exchange);
    meet(p);
}

/* The share of all parameters that this rank owns of a bucket. */
static double owned(const player *p, int bucket)
{
    return (double)exchange_slices(p->exchange)[bucket].count /
           (double)p->slabs.parameters.floats;
}

static void update(player *p)
{
    const recording *r = p->recording;
    int buckets = exchange_buckets(p->exchange);
    double all = 0.0;

    for (int b = 0; b < buckets; b++)
        all += owned(p, b);
    compute(p, r->rest + r->norm * all);
    exchange_norm(p->exchange);
    meet(p);
    exchange_gather_begin(p->exchange);
    for (int b = 0; b < buckets; b++) {
        compute(p, r->update * owned(p, b));
        exchange_gather_ready(p->exchange, b);
    }
}

void player_step(player *p, int step)
{
    double normal = draw_normal(world_rank(p->world), step);

    p->pace = fmax(0.5, 1.0 + p->recording->deviation * normal);
    /* Whether all have a batch, and whether a signal has come. */
    world_max(p->world, 0);
    meet(p);
    play_pass(p);
    update(p);
    world_max(p->world, 0);
}

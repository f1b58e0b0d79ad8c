/* replay.c - a recorded step against the clock, with the messages of a schedule. */
#include "replay.h"

#include <math.h>

#include "lockstep/base/memory.h"
#include "replay_state.h"

/* Steps that are replayed: what one leaves on its way is the next one's, and in the last
 * all is as it goes on. */
enum { STEPS = 3 };

/* ---- time ---- */

static void compute(replay *r, double seconds)
{
    r->now += seconds;
    r->sum.computing += seconds;
}

/* A pass moves messages along now and then. */
static void compute_and_move(replay *r, double seconds, double moves)
{
    int parts = r->settings->exchange.courier ? 1 : (int)fmin(moves, 1000.0) + 1;

    for (int i = 0; i < parts; i++) {
        compute(r, seconds * r->settings->slowdown / parts);
        if (i + 1 < parts)
            replay_advance(r);
    }
    replay_catch_up(r);
}

/* ---- a step ---- */

static void say(replay *r, int bucket, int use)
{
    int piece = schedule_piece(r->schedule, bucket, use);

    if (!r->said[piece])
        r->queue[r->queued++] = piece;
    r->said[piece] = true;
}

static void say_buckets(replay *r, int lowest)
{
    while (r->announced > lowest) {
        r->announced--;
        for (int use = 0; use < schedule_uses(r->schedule, r->announced); use++)
            say(r, r->announced, use);
        replay_advance(r);
    }
}

static void ready(replay *r, int first)
{
    int ignored, last = -1;

    if (first > 0)
        schedule_buckets_of(r->schedule, first - 1, &ignored, &last);
    say_buckets(r, last + 1);
}

static void ready_use(replay *r, int tensor, int use)
{
    int first, last;

    schedule_buckets_of(r->schedule, tensor, &first, &last);
    if (r->recording->tensors[tensor].uses > 1)
        for (int b = last; b >= first; b--)
            say(r, b, use);
    replay_advance(r);
}

static void wait_for_values(replay *r, int bucket)
{
    replay_advance(r);
    while (r->gather_arrived <= bucket)
        replay_wait(r);
}

static void need(replay *r, int tensor)
{
    int ignored, last;

    schedule_buckets_of(r->schedule, tensor, &ignored, &last);
    if (r->gather_arrived <= last)
        wait_for_values(r, last);
    replay_wait_until(r, r->arrived_at[last]);
}

static void begin_batch(replay *r)
{
    for (int i = 0; i < r->pieces; i++)
        r->said[i] = false;
    r->queued = r->begun = r->landed = 0;
    r->announced = r->buckets;
}

static void end_batch(replay *r)
{
    say_buckets(r, 0);
    replay_advance(r);
    while (r->landed < r->pieces)
        replay_wait(r);
    wait_for_values(r, r->buckets - 1);
    replay_wait_until(r, fmax(r->landed_at, r->arrived_at[r->buckets - 1]));
    begin_batch(r);
}

static void run_event(replay *r, const recorded_event *e)
{
    compute_and_move(r, e->seconds, e->moves);
    switch (e->kind) {
    case RECORDED_NEED:
        need(r, e->tensor);
        return;
    case RECORDED_READY_USE:
        ready_use(r, e->tensor, e->use);
        return;
    case RECORDED_READY:
        ready(r, e->tensor);
        return;
    case RECORDED_END:
        end_batch(r);
        return;
    }
    CHECK(false);
}

static void update(replay *r)
{
    const recording *of = r->recording;
    /* Of its threads a rank has as many times fewer as it owns less. */
    double owned = 0.0, slowdown = r->settings->slowdown * fmax(r->settings->split, 1);

    for (int b = 0; b < r->buckets; b++)
        owned += schedule_owned(r->schedule, b);
    compute(r, of->rest * r->settings->slowdown + of->norm * owned * slowdown);
    r->gather_ready = r->gather_begun = r->gather_arrived = 0;
    for (int b = 0; b < r->buckets; b++) {
        compute(r, of->update * schedule_owned(r->schedule, b) * slowdown);
        replay_catch_up(r);
        r->gather_ready = b + 1;
        replay_advance(r);
    }
}

/* ---- all of it ---- */

static void run_steps(replay *r, forecast *out)
{
    begin_batch(r);
    r->gather_ready = r->gather_begun = r->gather_arrived = r->buckets;
    for (int step = 0; step < STEPS; step++) {
        r->sum = (forecast){.seconds = 0.0};
        for (int i = 0; i < r->recording->event_count; i++)
            run_event(r, &r->recording->events[i]);
        update(r);
    }
    *out = r->sum;
}

static status open_replay(replay *r)
{
    r->stages = schedule_stages(r->schedule);
    r->pieces = schedule_pieces(r->schedule);
    r->buckets = schedule_buckets(r->schedule);
    r->reduced = memory_create((size_t)schedule_window(), sizeof(*r->reduced));
    r->gathered = memory_create((size_t)schedule_gather_window(), sizeof(*r->gathered));
    r->said = memory_create((size_t)r->pieces, sizeof(*r->said));
    r->queue = memory_create((size_t)r->pieces, sizeof(*r->queue));
    r->arrived_at = memory_create((size_t)r->buckets, sizeof(*r->arrived_at));
    if (r->reduced == NULL || r->gathered == NULL || r->said == NULL || r->queue == NULL ||
        r->arrived_at == NULL)
        return fail(STATUS_NOMEM, "forecast of %d pieces", r->pieces);
    return STATUS_OK;
}

status replay_run(forecast *out, const recording *recording, const forecast_settings *s,
                  const schedule *schedule)
{
    replay r = {.recording = recording, .settings = s, .schedule = schedule};
    status done = open_replay(&r);

    if (done == STATUS_OK)
        run_steps(&r, out);
    memory_destroy(r.reduced);
    memory_destroy(r.gathered);
    memory_destroy(r.said);
    memory_destroy(r.queue);
    memory_destroy(r.arrived_at);
    return done;
}

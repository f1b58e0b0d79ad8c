/* replay.c - a recorded step against the clock, with the messages of a schedule. */
#include "replay.h"

#include <math.h>

#include "lockstep/base/memory.h"

/* Steps that are replayed: what one leaves on its way is the next one's, and in the last
 * all is as it goes on. */
enum { STEPS = 3 };

/* A piece, or a bucket of values, on its way. */
typedef struct flight {
    bool busy;
    int number;     /* the piece, or the bucket */
    int stage;      /* whose messages it waits for */
    double arrives; /* when they are there */
} flight;

typedef struct replay {
    const recording *recording;
    const forecast_settings *settings;
    const schedule *schedule;
    int stages, pieces, buckets;

    double now, cable_free;
    forecast sum; /* of this step */

    flight *reduced; /* [schedule_window] */
    bool *said;      /* [pieces] */
    int *queue;      /* [pieces] */
    int queued, begun, landed, announced;

    flight *gathered; /* [schedule_gather_window] */
    int gather_ready, gather_begun, gather_arrived;
} replay;

/* ---- messages ---- */

static void work(replay *r, double seconds)
{
    r->now += seconds;
    r->sum.messages += seconds;
}

/* Sends a leg, and pays for as much that comes. When it is there. */
static double send(replay *r, const schedule_leg *leg)
{
    const network *n = r->settings->network;
    double arrives = 0.0;

    work(r, 2.0 * (leg->within * n->within.message + leg->inside * n->within.byte +
                   leg->between * n->between.message + leg->outside * n->between.byte));
    if (leg->within > 0.0)
        arrives = r->now + n->within.latency;
    if (leg->between > 0.0) {
        double busy = leg->cable * 8.0 / n->bandwidth;

        r->cable_free = fmax(r->now, r->cable_free) + busy;
        r->sum.cable += busy;
        arrives = fmax(arrives, r->cable_free + n->between.latency);
    }
    r->sum.bytes += leg->inside + leg->outside;
    return arrives;
}

/* ---- gradients ---- */

static void begin_stage(replay *r, flight *f)
{
    schedule_leg leg = schedule_piece_leg(r->schedule, f->number, f->stage);

    f->arrives = send(r, &leg);
}

static void begin_piece(replay *r, flight *f)
{
    *f = (flight){.busy = true, .number = r->queue[r->begun++]};
    if (r->stages > 0)
        begin_stage(r, f);
}

/* True when it has landed. */
static bool advance_piece(replay *r, flight *f)
{
    while (f->stage < r->stages && f->arrives <= r->now) {
        schedule_leg leg = schedule_piece_leg(r->schedule, f->number, f->stage);

        work(r, leg.added * r->settings->network->add);
        if (++f->stage < r->stages)
            begin_stage(r, f);
    }
    if (f->stage < r->stages)
        return false;
    f->busy = false;
    r->landed++;
    return true;
}

static void advance_reduce(replay *r)
{
    for (int i = 0; i < schedule_window(); i++) {
        flight *f = &r->reduced[i];

        while (f->busy || r->begun < r->queued) {
            if (!f->busy)
                begin_piece(r, f);
            if (!advance_piece(r, f))
                break;
        }
    }
}

/* ---- values ---- */

static flight *gathering_of(const replay *r, int bucket)
{
    return &r->gathered[bucket % schedule_gather_window()];
}

static void begin_values(replay *r, flight *f)
{
    schedule_leg leg = schedule_value_leg(r->schedule, f->number, f->stage);

    f->arrives = send(r, &leg);
}

static void begin_bucket(replay *r)
{
    flight *f = gathering_of(r, r->gather_begun);

    *f = (flight){.busy = true, .number = r->gather_begun++, .stage = r->stages - 1};
    if (f->stage >= 0)
        begin_values(r, f);
}

static void advance_bucket(replay *r, flight *f)
{
    while (f->stage >= 0 && f->arrives <= r->now)
        if (--f->stage >= 0)
            begin_values(r, f);
}

static void advance_gather(replay *r)
{
    int before;

    do {
        before = r->gather_arrived;
        while (r->gather_begun < r->gather_ready &&
               r->gather_begun < r->gather_arrived + schedule_gather_window())
            begin_bucket(r);
        for (int b = r->gather_arrived; b < r->gather_begun; b++)
            advance_bucket(r, gathering_of(r, b));
        while (r->gather_arrived < r->gather_begun &&
               gathering_of(r, r->gather_arrived)->stage < 0)
            r->gather_arrived++;
    } while (r->gather_arrived > before);
}

/* ---- time ---- */

static void advance(replay *r)
{
    advance_reduce(r);
    advance_gather(r);
}

static void compute(replay *r, double seconds)
{
    r->now += seconds;
    r->sum.computing += seconds;
}

/* The first of what is under way. */
static double next_arrival(const replay *r)
{
    double first = INFINITY;

    for (int i = 0; i < schedule_window(); i++)
        if (r->reduced[i].busy)
            first = fmin(first, r->reduced[i].arrives);
    for (int b = r->gather_arrived; b < r->gather_begun; b++)
        first = fmin(first, gathering_of(r, b)->arrives);
    return first;
}

static void wait_for_next(replay *r)
{
    double next = next_arrival(r);

    CHECK(isfinite(next));
    if (next > r->now) {
        r->sum.waiting += next - r->now;
        r->now = next;
    }
    advance(r);
}

/* A pass moves messages along now and then. */
static void compute_and_move(replay *r, double seconds, double moves)
{
    int parts = (int)fmin(moves, 1000.0) + 1;

    for (int i = 0; i < parts; i++) {
        compute(r, seconds * r->settings->slowdown / parts);
        if (i + 1 < parts)
            advance(r);
    }
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
        advance(r);
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
    advance(r);
}

static void wait_for_values(replay *r, int bucket)
{
    advance(r);
    while (r->gather_arrived <= bucket)
        wait_for_next(r);
}

static void need(replay *r, int tensor)
{
    int ignored, last;

    schedule_buckets_of(r->schedule, tensor, &ignored, &last);
    if (r->gather_arrived <= last)
        wait_for_values(r, last);
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
    advance(r);
    while (r->landed < r->pieces)
        wait_for_next(r);
    wait_for_values(r, r->buckets - 1);
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
    double owned = 0.0;

    for (int b = 0; b < r->buckets; b++)
        owned += schedule_owned(r->schedule, b);
    compute(r, (of->rest + of->norm * owned) * r->settings->slowdown);
    r->gather_ready = r->gather_begun = r->gather_arrived = 0;
    for (int b = 0; b < r->buckets; b++) {
        compute(r, of->update * schedule_owned(r->schedule, b) * r->settings->slowdown);
        r->gather_ready = b + 1;
        advance(r);
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
    if (r->reduced == NULL || r->gathered == NULL || r->said == NULL || r->queue == NULL)
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
    return done;
}

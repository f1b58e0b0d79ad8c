/* replay_traffic.c - the messages of a replayed step, and who carries them: the thread that
 * computes, whenever it comes by, or a courier, whose clock goes beside.
 */
#include <math.h>

#include "replay_state.h"

/* ---- messages ---- */

static bool has_courier(const replay *r)
{
    return r->settings->exchange.courier;
}

static void work(replay *r, double seconds)
{
    r->now += seconds;
    *(has_courier(r) ? &r->sum.carried : &r->sum.messages) += seconds;
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
    r->landed_at = r->now;
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
            r->arrived_at[r->gather_arrived++] = r->now;
    } while (r->gather_arrived > before);
}

/* ---- who carries them ---- */

static void carry(replay *r)
{
    advance_reduce(r);
    advance_gather(r);
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

static void catch_up(replay *r, double until)
{
    double computing = r->now;

    r->now = r->courier_free;
    for (double next; (next = next_arrival(r)) <= until;) {
        r->now = fmax(r->now, next);
        carry(r);
    }
    r->courier_free = r->now;
    r->now = computing;
}

void replay_catch_up(replay *r)
{
    if (has_courier(r))
        catch_up(r, r->now);
}

void replay_advance(replay *r)
{
    double computing = r->now;

    if (has_courier(r))
        r->now = fmax(r->now, r->courier_free);
    carry(r);
    if (!has_courier(r))
        return;
    r->courier_free = r->now;
    r->now = computing;
}

void replay_wait_until(replay *r, double then)
{
    if (then <= r->now)
        return;
    r->sum.waiting += then - r->now;
    r->now = then;
}

void replay_wait(replay *r)
{
    double next = next_arrival(r);

    CHECK(isfinite(next));
    if (has_courier(r)) {
        catch_up(r, next);
        return;
    }
    replay_wait_until(r, next);
    carry(r);
}

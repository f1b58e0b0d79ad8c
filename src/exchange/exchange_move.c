/* exchange_move.c - messages on their way, what they carry and how long they take. */
#include "lockstep/base/clock.h"
#include "private.h"

request send_bytes(exchange *x, const void *data, size_t bytes, int peer, int tag)
{
    if (bytes > 0) {
        x->traffic.bytes += (double)bytes;
        x->traffic.messages++;
    }
    return world_send_begin(x->world, data, bytes, peer, tag);
}

bool have_finished(const exchange *x, const request *requests, int count)
{
    for (int i = 0; i < count; i++)
        if (!world_finished(x->world, requests[i]))
            return false;
    return true;
}

void await_messages(exchange *x, const request *requests, int count)
{
    double start = clock_seconds();

    world_await(x->world, requests, count);
    x->traffic.waited += clock_seconds() - start;
}

static bool is_flying(const exchange *x)
{
    if (x->ranks == 1)
        return false;
    for (int i = 0; i < WINDOW; i++)
        if (x->under_way[i].busy)
            return true;
    return x->gather_done < x->gather_begun;
}

/* The clock runs from the moment at which something is begun to that at which all has come. */
void note_flying(exchange *x)
{
    bool flying = is_flying(x);

    if (flying && x->flying_since == 0.0)
        x->flying_since = clock_seconds();
    if (!flying && x->flying_since > 0.0) {
        x->traffic.in_flight += clock_seconds() - x->flying_since;
        x->flying_since = 0.0;
    }
}

void advance(exchange *x)
{
    if (x->flying_since > 0.0)
        world_poke(x->world);
    advance_reduce(x);
    advance_gather(x);
    note_flying(x);
}

void exchange_move(exchange *x)
{
    if (x->flying_since > 0.0)
        advance(x);
}

void move_messages(void *exchange)
{
    exchange_move(exchange);
}

exchange_traffic exchange_traffic_of(const exchange *x)
{
    exchange_traffic total = x->traffic;

    if (x->flying_since > 0.0)
        total.in_flight += clock_seconds() - x->flying_since;
    return total;
}

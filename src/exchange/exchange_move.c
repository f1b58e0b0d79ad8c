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

bool is_flying(const exchange *x)
{
    if (x->ranks == 1)
        return false;
    for (int i = 0; i < WINDOW; i++)
        if (x->under_way[i].busy)
            return true;
    return x->gather_done < x->gather_begun;
}

/* The clock runs from the moment at which something is begun to that at which all has come. */
static void note_flying(exchange *x)
{
    bool flying = is_flying(x);

    if (flying && x->flying_since == 0.0)
        x->flying_since = clock_seconds();
    if (!flying && x->flying_since > 0.0) {
        x->traffic.in_flight += clock_seconds() - x->flying_since;
        x->flying_since = 0.0;
    }
}

void carry(exchange *x)
{
    if (x->flying_since > 0.0)
        world_poke(x->world);
    advance_reduce(x);
    advance_gather(x);
    note_flying(x);
}

void advance(exchange *x)
{
    if (x->courier.runs)
        courier_call(x);
    else
        carry(x);
}

void await_any(exchange *x)
{
    const transfer *first = oldest_transfer(x);
    int count;
    const request *awaited =
        first != NULL ? transfer_awaits(x, first, &count) : gather_awaits(x, &count);

    world_await(x->world, awaited, count);
}

void await_counter(exchange *x, const atomic_int *counter, int wanted)
{
    double start = clock_seconds();

    x->traffic.waits += *counter < wanted;
    if (x->courier.runs) {
        courier_wait(x, counter, wanted);
        x->traffic.waited += clock_seconds() - start;
    }
    while (*counter < wanted) {
        start = clock_seconds();
        await_any(x);
        x->traffic.waited += clock_seconds() - start;
        carry(x);
    }
}

void exchange_move(exchange *x)
{
    if (!x->courier.runs && x->flying_since > 0.0)
        carry(x);
}

void move_messages(void *exchange)
{
    exchange_move(exchange);
}

exchange_traffic exchange_traffic_of(exchange *x)
{
    courier_hold(x);
    exchange_traffic total = x->traffic;

    if (x->flying_since > 0.0)
        total.in_flight += clock_seconds() - x->flying_since;
    courier_release(x);
    /* A courier is waited for while it adds, too. */
    total.waited = total.waited < total.in_flight ? total.waited : total.in_flight;
    return total;
}

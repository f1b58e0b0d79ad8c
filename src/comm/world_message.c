/* world_message.c - point-to-point messages, begun here and waited for later. */
#include <limits.h>
#include <stdio.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "private.h"

status world_reserve(world *w, int requests)
{
    size_t room = (size_t)requests;

    for (int slot = 0; slot < w->used; slot++)
        CHECK(!w->flights[slot].taken);
    if (requests <= w->room)
        return STATUS_OK;
    memory_destroy(w->requests);
    memory_destroy(w->flights);
    memory_destroy(w->finished);
    memory_destroy(w->statuses);
    w->room = w->used = 0;
    w->requests = memory_create(room, sizeof(*w->requests));
    w->flights = memory_create(room, sizeof(*w->flights));
    w->finished = memory_create(room, sizeof(*w->finished));
    w->statuses = memory_create(room, sizeof(*w->statuses));
    if (w->requests == NULL || w->flights == NULL || w->finished == NULL || w->statuses == NULL)
        return fail(STATUS_NOMEM, "room for %d messages in flight", requests);
    w->room = requests;
    return STATUS_OK;
}

static int take_slot(world *w, int peer, bool sending)
{
    int slot = 0;

    CHECK(0 <= peer && peer < w->size && peer != w->rank);
    while (slot < w->used && w->flights[slot].taken)
        slot++;
    CHECK(slot < w->room);
    if (slot == w->used)
        w->used++;
    w->flights[slot] = (flight){.peer = peer, .sending = sending, .taken = true};
    watchdog_peer(w->dog, peer);
    return slot;
}

request world_send_begin(world *w, const void *data, size_t bytes, int peer, int tag)
{
    if (bytes == 0)
        return (request){-1};
    CHECK(bytes <= INT_MAX && 0 <= tag && tag < WORLD_TAGS);
    int slot = take_slot(w, peer, true);
    MPI_DO(w, MPI_Isend(data, (int)bytes, MPI_BYTE, peer, tag, w->comm, &w->requests[slot]));
    return (request){slot};
}

request world_receive_begin(world *w, void *data, size_t bytes, int peer, int tag)
{
    if (bytes == 0)
        return (request){-1};
    CHECK(bytes <= INT_MAX && 0 <= tag && tag < WORLD_TAGS);
    int slot = take_slot(w, peer, false);
    MPI_DO(w, MPI_Irecv(data, (int)bytes, MPI_BYTE, peer, tag, w->comm, &w->requests[slot]));
    return (request){slot};
}

/* How many messages finished in this moment. */
static int move_along(world *w, bool waiting)
{
    int count;

    if (w->used == 0)
        return 0;
    watchdog_enter(w->dog, "MPI_Testsome");
    int code = patience_poll(w, waiting, &count);
    watchdog_leave(w->dog);
    if (code == MPI_ERR_IN_STATUS)
        for (int i = 0; i < count; i++)
            mpi_check(w, w->statuses[i].MPI_ERROR,
                      w->flights[w->finished[i]].sending ? "a message to send"
                                                         : "a message to receive",
                      __FILE__, __LINE__);
    mpi_check(w, code, "MPI_Testsome", __FILE__, __LINE__);
    if (count == MPI_UNDEFINED)
        return 0;
    for (int i = 0; i < count; i++)
        MPI_Get_count(&w->statuses[i], MPI_BYTE, &w->flights[w->finished[i]].bytes);
    return count;
}

static bool in_flight(const world *w, request r)
{
    return r.slot >= 0 && w->requests[r.slot] != MPI_REQUEST_NULL;
}

static int move_along_for(world *w, request r)
{
    watchdog_peer(w->dog, w->flights[r.slot].peer);
    return move_along(w, true);
}

static void give_back(world *w, request *r)
{
    if (r->slot < 0)
        return;
    CHECK(w->flights[r->slot].taken);
    w->flights[r->slot].taken = false;
    while (w->used > 0 && !w->flights[w->used - 1].taken)
        w->used--;
    r->slot = -1;
}

/* Name the first message that did not come, and count the others. */
static _Noreturn void report_missing(world *w, const patience *p, const request *requests,
                                     int count)
{
    const flight *first = NULL;
    char what[512], more[32] = "";
    int others = -1;

    for (int i = 0; i < count; i++)
        if (in_flight(w, requests[i])) {
            if (first == NULL)
                first = &w->flights[requests[i].slot];
            others++;
        }
    CHECK(first != NULL);
    if (others > 0)
        snprintf(more, sizeof(more), " and %d more", others);
    snprintf(what, sizeof(what), "for a message %s rank %d (host %s)%s",
             first->sending ? "to leave for" : "from", first->peer, world_host(w, first->peer),
             more);
    report_stall(w, p, what);
}

void world_wait(world *w, request *requests, int count)
{
    patience p = patience_begin();

    for (int waiting = 0; waiting < count;) {
        if (!in_flight(w, requests[waiting]))
            waiting++;
        else if (move_along_for(w, requests[waiting]) > 0)
            p.progress = clock_seconds();
        else if (patience_lost(&p, w))
            report_missing(w, &p, requests + waiting, count - waiting);
    }
    for (int i = 0; i < count; i++)
        give_back(w, &requests[i]);
    patience_end(&p, w);
}

void world_await(world *w, const request *requests, int count)
{
    patience p = patience_begin();

    for (int waiting = 0; waiting < count;) {
        if (!in_flight(w, requests[waiting]))
            waiting++;
        else if (move_along_for(w, requests[waiting]) > 0)
            break;
        else if (patience_lost(&p, w))
            report_missing(w, &p, requests + waiting, count - waiting);
    }
    patience_end(&p, w);
}

bool world_finished(const world *w, request r)
{
    return !in_flight(w, r);
}

size_t world_received(const world *w, request r)
{
    return r.slot < 0 ? 0 : (size_t)w->flights[r.slot].bytes;
}

bool world_test(world *w, request r)
{
    if (in_flight(w, r))
        move_along(w, false);
    return !in_flight(w, r);
}

void world_poke(world *w)
{
    move_along(w, false);
}

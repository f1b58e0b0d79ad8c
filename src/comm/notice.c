/* notice.c - empty messages by which ranks tell each other how they are.
 *
 * A rank that works alone for long (rank 0 makes the dataset, reads or writes a
 * checkpoint) says now and then that it lives; who waits takes that for progress. Who
 * has waited too long calls the others: those that wait as well answer, and who is
 * silent is to blame.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/stop.h"
#include "private.h"

static const double answering = 2.0; /* seconds that an answer may take */

void notice_send(const world *w, int rank, int tag)
{
    MPI_Request sent;

    watchdog_peer(w->dog, rank);
    MPI_DO(w, MPI_Isend(NULL, 0, MPI_CHAR, rank, tag, w->comm, &sent));
    MPI_DO(w, MPI_Request_free(&sent));
}

void notice_send_all(const world *w, int tag)
{
    for (int rank = 0; rank < w->size; rank++)
        if (rank != w->rank)
            notice_send(w, rank, tag);
}

static int take(const world *w, int tag)
{
    MPI_Status from;
    int found;

    MPI_DO(w, MPI_Iprobe(MPI_ANY_SOURCE, tag, w->comm, &found, &from));
    if (!found)
        return -1;
    MPI_DO(w, MPI_Recv(NULL, 0, MPI_CHAR, from.MPI_SOURCE, tag, w->comm, MPI_STATUS_IGNORE));
    return from.MPI_SOURCE;
}

/* What one thread has seen another one must not receive. */
int notice_take(const world *w, int tag)
{
    pthread_mutex_lock(&w->dog->turn);
    int from = take(w, tag);
    pthread_mutex_unlock(&w->dog->turn);
    return from;
}

/* ---- work that the others wait for ---- */

static void say_alive(void *context)
{
    notice_send_all(context, ALIVE_TAG);
}

/* Whoever loops for ever elsewhere must not vouch for himself. */
static void say_moving(void *context)
{
    world *w = context;
    unsigned long before = w->looks;

    w->looks = stop_looks();
    if (w->looks != before)
        say_alive(w);
}

void world_work_begin(world *w)
{
    if (w->size > 1)
        ticker_begin(&w->work, say_alive, w);
}

void world_compute_begin(world *w)
{
    if (w->size > 1)
        ticker_begin(&w->work, say_moving, w);
}

void world_work_end(world *w)
{
    if (w->size == 1)
        return;
    ticker_end(&w->work);
    /* Others may have worked for as long: what they said meanwhile is in nobody's way. */
    notice_answer(w);
}

bool notice_answer(const world *w)
{
    bool alive = false;

    while (notice_take(w, ALIVE_TAG) >= 0)
        alive = true;
    for (int rank; (rank = notice_take(w, CALL_TAG)) >= 0;)
        notice_send(w, rank, HERE_TAG);
    return alive;
}

/* ---- who does not answer ---- */

static void call(const world *w, bool *here)
{
    here[w->rank] = true;
    notice_send_all(w, CALL_TAG);
    for (double end = clock_seconds() + answering; clock_seconds() < end;) {
        notice_answer(w);
        for (int rank; (rank = notice_take(w, HERE_TAG)) >= 0;)
            here[rank] = true;
        if (memchr(here, false, (size_t)w->size) == NULL)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

void notice_missing(const world *w, char out[NOTICE_SIZE])
{
    bool *here = memory_create((size_t)w->size, sizeof(*here));
    int first = -1, missing = 0;

    snprintf(out, NOTICE_SIZE, "all ranks answer");
    if (here == NULL)
        return;
    call(w, here);
    for (int rank = w->size; rank-- > 0;)
        if (!here[rank]) {
            first = rank;
            missing++;
        }
    memory_destroy(here);
    if (missing == 1)
        snprintf(out, NOTICE_SIZE, "rank %d (host %s) does not answer", first,
                 world_host(w, first));
    else if (missing > 1)
        snprintf(out, NOTICE_SIZE, "rank %d (host %s) and %d more do not answer", first,
                 world_host(w, first), missing - 1);
}

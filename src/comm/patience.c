/* patience.c - how a rank waits: awake at first, then giving way, not for ever. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lockstep/base/clock.h"
#include "private.h"

/* Messages between cores take microseconds, so a waiting rank polls. When ranks
 * share a core the one waited for needs it, so it is offered soon; and a rank
 * that waits long (for rank 0 to write a file) takes no time from others. */
enum { SPINS = 200 };
static const double sleepy = 0.2; /* seconds */

/* Polls are never so far apart unless the rank was stopped (SIGSTOP, a job that is put
 * aside): then so were the others, and they may come back later. */
static const double stopped = 1.0;

patience patience_begin(void)
{
    double now = clock_seconds();

    return (patience){.start = now, .progress = now, .seen = now};
}

bool patience_lost(patience *p, const world *w)
{
    const struct timespec nap = {.tv_nsec = 20000};

    if (++p->polls < SPINS)
        return false;
    double now = clock_seconds(), gap = now - p->seen;
    p->seen = now;
    if (gap > stopped)
        p->progress += gap;
    double idle = now - p->progress;
    if (idle <= sleepy) {
        sched_yield();
        return false;
    }
    nanosleep(&nap, NULL);
    if (notice_answer(w)) {
        p->progress = now;
        return false;
    }
    return w->stall > 0 && idle > w->stall;
}

void patience_end(const patience *p, world *w)
{
    note_waited(w, clock_seconds() - p->start);
}

/* A wait polls as well: a call that blocks could not be given up. */
int patience_poll(world *w, bool waiting, int *count)
{
    (void)waiting;
    return MPI_Testsome(w->used, w->requests, count, w->finished, w->statuses);
}

void report_stall(world *w, const patience *p, const char *what)
{
    double waited = clock_seconds() - p->progress;
    char missing[NOTICE_SIZE], words[4 * NOTICE_SIZE];

    notice_missing(w, missing);
    snprintf(words, sizeof(words),
             "rank %d (host %s) has waited %.0f s %s; %s; "
             "distributed.stall_seconds sets how long to wait",
             w->rank, world_host(w, w->rank), waited, what, missing);
    abort_with_words(w, EXIT_FAILURE, words);
}

void mpi_finish(world *w, MPI_Request *pending, const char *what)
{
    patience p = patience_begin();

    atomic_store_explicit(&w->dog->wait, what, memory_order_relaxed);
    for (;;) {
        int done;

        MPI_DO(w, MPI_Test(pending, &done, MPI_STATUS_IGNORE));
        if (done)
            break;
        if (patience_lost(&p, w))
            report_stall(w, &p, what);
    }
    atomic_store_explicit(&w->dog->wait, NULL, memory_order_relaxed);
    patience_end(&p, w);
}

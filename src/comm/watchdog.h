/* watchdog.h - a thread that ends the process when a call into MPI does not come back.
 *
 * A rank that waits polls, and sees for itself that it has waited too long (patience.c).
 * What it cannot see is a call that blocks: so it writes down each that it makes, and this
 * thread reads that four times a second. It never calls MPI itself.
 */
#ifndef LOCKSTEP_COMM_WATCHDOG_H
#define LOCKSTEP_COMM_WATCHDOG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "ticker.h"

typedef struct watchdog {
    const world *world;

    /* The record of the one thread that calls MPI at a time: whose turn it is. */
    pthread_mutex_t turn;       /* may be taken again by who has it */
    _Atomic(const char *) call; /* "MPI_Isend(...)"; NULL: in none */
    _Atomic(const char *) wait; /* "in a barrier", of which the call is a part; or NULL */
    atomic_int peer;            /* for whom the call is; -1: not for one rank */
    atomic_ulong calls;         /* so far */

    /* What it is told. */
    atomic_bool started;         /* MPI has: before, all is one call */
    _Atomic(double) limit;       /* seconds that a call may take, 0: any */
    _Atomic(const char *) words; /* of an end that was asked for, until they are said */
    atomic_bool ending;
    atomic_int exit_code; /* of that end */

    /* Of the thread alone, in seconds. */
    unsigned long known; /* calls at the last look */
    double seen;         /* clock_seconds at the last look */
    double stuck;        /* in this call */
    double asked;        /* since a signal to stop was seen */
    double dying;        /* since the end was asked for */
    ticker ticker;
} watchdog;

/* Watch over MPI's start, which blocks in each rank until all are there: after
 * LOCKSTEP_START_SECONDS of the environment (300 without, 0: never) the process says that not
 * all ranks have come, which one of its host is stopped, and ends; soon after a signal to stop
 * it ends, too. Time in which this rank itself was stopped does not count, here and below.
 * STATUS_USAGE when the variable is no number. `world` is borrowed. */
MUST_CHECK status watchdog_begin(watchdog *out, const world *world);

/* MPI has started, and the world knows its ranks and hosts. Calls take as long as they like. */
void watchdog_open(watchdog *d);

/* A call that has not come back for so many seconds (0: any number) is named, with the rank
 * that it is for, and ends the process. */
void watchdog_limit(watchdog *d, double seconds);

/* The job is to end: where that takes more than ten seconds the process ends by itself, with
 * this exit code, and prints `words` before, unless watchdog_said has been called. */
void watchdog_end_soon(watchdog *d, int exit_code, const char *words);
void watchdog_said(watchdog *d);

/* Afterwards nothing is watched. */
void watchdog_end(watchdog *d);

/* ---- the record ---- */

/* No other thread enters until it leaves. */
static inline void watchdog_enter(watchdog *d, const char *call)
{
    pthread_mutex_lock(&d->turn);
    unsigned long calls = atomic_load_explicit(&d->calls, memory_order_relaxed);

    atomic_store_explicit(&d->calls, calls + 1, memory_order_relaxed);
    atomic_store_explicit(&d->call, call, memory_order_relaxed);
}

static inline void watchdog_leave(watchdog *d)
{
    atomic_store_explicit(&d->call, NULL, memory_order_relaxed);
    atomic_store_explicit(&d->peer, -1, memory_order_relaxed);
    pthread_mutex_unlock(&d->turn);
}

/* For whom the next call is. */
static inline void watchdog_peer(watchdog *d, int peer)
{
    atomic_store_explicit(&d->peer, peer, memory_order_relaxed);
}

#endif

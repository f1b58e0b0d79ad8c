/* watchdog.c - a thread that ends the process when a call into MPI does not come back. */
#include "watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "sibling.h"
#include "start.h"

static const double longest = 2.0;  /* seconds between looks, unless stopped itself */
static const double stopping = 5.0; /* seconds that a stop waits for MPI, or the launcher */
static const double dying = 10.0;   /* seconds that the end of the job may take */

enum { WHO_SIZE = 600 };

/* ---- what is said ---- */

static void name_peer(const watchdog *d, char out[WHO_SIZE])
{
    int peer = atomic_load(&d->peer);
    long rank, process;

    if (sibling_stopped(&rank, &process))
        snprintf(out, WHO_SIZE, "; rank %ld (process %ld of this host) is stopped", rank,
                 process);
    else if (peer >= 0)
        snprintf(out, WHO_SIZE, "; the call is for rank %d (host %s)", peer,
                 world_host(d->world, peer));
    else
        snprintf(out, WHO_SIZE, "; the call is for all other ranks");
}

static _Noreturn void bark(const watchdog *d, const char *call)
{
    const char *wait = atomic_load(&d->wait);
    int rank = world_rank(d->world);
    char who[WHO_SIZE];

    name_peer(d, who);
    log_error("rank %d (host %s) has waited %.0f s inside %.*s%s%s%s; "
              "distributed.stall_seconds sets how long to wait",
              rank, world_host(d->world, rank), d->stuck, (int)strcspn(call, "("), call,
              wait != NULL ? " " : "", wait != NULL ? wait : "", who);
    _Exit(EXIT_FAILURE);
}

/* ---- looking ---- */

/* Seconds since the last look in which this process could run. */
static double awake(watchdog *d)
{
    double now = clock_seconds(), since = now - d->seen;

    d->seen = now;
    return since > longest ? 0.0 : since;
}

static void look_at_start(const watchdog *d)
{
    double limit = atomic_load(&d->limit);

    if (d->asked > stopping)
        _Exit(128 + stop_peek());
    if (limit > 0.0 && d->stuck > limit)
        start_give_up(d->stuck);
}

static void look_at_end(watchdog *d, double since)
{
    d->dying += since;
    if (d->dying <= dying)
        return;
    const char *words = atomic_exchange(&d->words, NULL);
    if (words != NULL)
        log_error("%s", words);
    _Exit(atomic_load(&d->exit_code));
}

static void look_at_call(watchdog *d, const char *call)
{
    double limit = atomic_load(&d->limit);
    /* Asked just now: another rank may have spoken, and the launcher be ending the job. */
    bool told = d->asked > 0.0 && d->asked <= stopping;

    if (limit > 0.0 && d->stuck > limit && !told)
        bark(d, call);
}

static void look(void *context)
{
    watchdog *d = context;
    double since = awake(d);
    unsigned long calls = atomic_load(&d->calls);
    const char *call = atomic_load(&d->call);
    bool started = atomic_load(&d->started), same = calls == d->known && call != NULL;

    d->known = calls;
    d->stuck = same || !started ? d->stuck + since : 0.0;
    d->asked += stop_peek() != 0 ? since : 0.0;
    if (!started)
        look_at_start(d);
    else if (atomic_load(&d->ending))
        look_at_end(d, since);
    else if (same)
        look_at_call(d, call);
}

/* ---- being told ---- */

static void init_turn(pthread_mutex_t *out)
{
    pthread_mutexattr_t kind;

    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(out, &kind);
    pthread_mutexattr_destroy(&kind);
}

status watchdog_begin(watchdog *out, const world *world)
{
    double limit;

    TRY(start_limit(&limit));
    *out = (watchdog){.world = world, .seen = clock_seconds()};
    init_turn(&out->turn);
    atomic_init(&out->peer, -1);
    atomic_init(&out->limit, limit);
    ticker_begin(&out->ticker, look, out);
    return STATUS_OK;
}

void watchdog_open(watchdog *d)
{
    atomic_store(&d->limit, 0.0);
    atomic_store(&d->started, true);
}

void watchdog_limit(watchdog *d, double seconds)
{
    atomic_store(&d->limit, seconds);
}

void watchdog_end_soon(watchdog *d, int exit_code, const char *words)
{
    atomic_store(&d->words, words);
    atomic_store(&d->exit_code, exit_code);
    atomic_store(&d->ending, true);
}

void watchdog_said(watchdog *d)
{
    atomic_store(&d->words, NULL);
}

void watchdog_end(watchdog *d)
{
    ticker_end(&d->ticker);
    pthread_mutex_destroy(&d->turn);
}

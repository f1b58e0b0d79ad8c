/* world_abort.c - the end of a job, with one rank's words.
 *
 * Several ranks may come upon the same at about the same time, and those that are told
 * to end may be slow to do so. So who wants to speak tells all others first. A rank that
 * has been told is silent; of two that told each other, the lower speaks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "farewell.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "private.h"

static const double crossing = 0.5; /* seconds that two claims may take to cross */
static const double silence = 10.0; /* seconds until a silent rank ends by itself */

/* Has a rank below `limit` claimed? */
static bool is_claimed(const world *w, int limit)
{
    for (int rank; (rank = notice_take(w, ABORT_TAG)) >= 0;)
        if (rank < limit)
            return true;
    return false;
}

/* A nap that a signal cuts short: the launcher is ending the job. */
static void nap(int exit_code)
{
    if (nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL) != 0)
        _Exit(exit_code);
}

static bool may_speak(const world *w, int exit_code)
{
    if (is_claimed(w, w->size))
        return false;
    notice_send_all(w, ABORT_TAG);
    for (double end = clock_seconds() + crossing; clock_seconds() < end; nap(exit_code))
        if (is_claimed(w, w->rank))
            return false;
    return true;
}

static _Noreturn void wait_for_the_end(int exit_code)
{
    for (double end = clock_seconds() + silence; clock_seconds() < end;)
        nap(exit_code);
    _Exit(exit_code);
}

void abort_silently(const world *w, int exit_code)
{
    farewell_end();
    if (w->started) {
        watchdog_end_soon(w->dog, exit_code, NULL);
        MPI_Abort(MPI_COMM_WORLD, exit_code);
    }
    _Exit(exit_code);
}

void abort_with_words(const world *w, int exit_code, const char *words)
{
    farewell_end();
    if (w->started)
        watchdog_end_soon(w->dog, exit_code, words);
    if (w->size > 1 && !may_speak(w, exit_code)) {
        watchdog_said(w->dog);
        wait_for_the_end(exit_code);
    }
    if (w->started)
        watchdog_said(w->dog);
    log_error("%s", words);
    abort_silently(w, exit_code);
}

void world_abort(world *w, int exit_code, const char *message)
{
    char words[8000];

    if (w->size > 1)
        snprintf(words, sizeof(words), "rank %d: %s", w->rank, message);
    else
        snprintf(words, sizeof(words), "%s", message);
    abort_with_words(w, exit_code, words);
}

/* world_abort.c - the end of a job, with one rank's words.
 *
 * Several ranks may come upon the same at about the same time, and those that are told
 * to end may be slow to do so. So who wants to speak tells all others first. A rank that
 * has been told is silent; of two that told each other, the lower speaks.
 */
#include <stdlib.h>
#include <time.h>

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

void abort_claim(const world *w, int exit_code)
{
    if (w->size > 1 && !may_speak(w, exit_code))
        wait_for_the_end(exit_code);
}

void world_abort(world *w, int exit_code, const char *message)
{
    abort_claim(w, exit_code);
    if (w->size > 1)
        log_error("rank %d: %s", w->rank, message);
    else
        log_error("%s", message);
    if (w->started)
        MPI_Abort(MPI_COMM_WORLD, exit_code);
    _Exit(exit_code);
}

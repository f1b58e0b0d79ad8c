/* start.c - a watch over MPI's own start, which blocks in each rank until all are there. */
#include "start.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "sibling.h"

static const double usual_limit = 300.0; /* seconds */
static const double stopping = 5.0;      /* seconds that a stop waits for MPI's start */
static const double longest = 2.0;       /* seconds between looks, unless stopped itself */

static status read_limit(double *out)
{
    const char *given = getenv("LOCKSTEP_START_SECONDS");
    char *end = NULL;

    *out = given != NULL ? strtod(given, &end) : usual_limit;
    if (given == NULL || (end != given && *end == '\0' && *out >= 0.0))
        return STATUS_OK;
    return fail(STATUS_USAGE, "LOCKSTEP_START_SECONDS is `%.40s`: not a number of seconds",
                given);
}

static _Noreturn void give_up(const start_watch *s)
{
    char host[256] = "", who[100] = "a rank, or its host, is stopped or lost";
    long rank, process;

    gethostname(host, sizeof(host) - 1);
    if (sibling_stopped(&rank, &process))
        snprintf(who, sizeof(who), "rank %ld (process %ld of this host) is stopped", rank,
                 process);
    log_error("rank %s (host %s) has waited %.0f s for all ranks to start; %s; "
              "LOCKSTEP_START_SECONDS sets how long to wait",
              sibling_own_rank(), host, s->waited, who);
    _Exit(EXIT_FAILURE);
}

static void look(void *context)
{
    start_watch *s = context;
    double now = clock_seconds(), since = now - s->seen;

    s->seen = now;
    if (since > longest)
        return;
    s->waited += since;
    if (stop_signal() != 0)
        s->stopped += since;
    if (s->stopped > stopping)
        _Exit(128 + stop_signal());
    if (s->limit > 0.0 && s->waited > s->limit)
        give_up(s);
}

status start_watch_begin(start_watch *out)
{
    *out = (start_watch){.seen = clock_seconds()};
    TRY(read_limit(&out->limit));
    ticker_begin(&out->ticker, look, out);
    return STATUS_OK;
}

void start_watch_end(start_watch *s)
{
    ticker_end(&s->ticker);
}

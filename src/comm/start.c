/* start.c - how long the start of MPI may take, which blocks until all ranks are there. */
#include "start.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/log.h"
#include "sibling.h"

static const double usual_limit = 300.0; /* seconds */

status start_limit(double *out)
{
    const char *given = getenv("LOCKSTEP_START_SECONDS");
    char *end = NULL;

    *out = given != NULL ? strtod(given, &end) : usual_limit;
    if (given == NULL || (end != given && *end == '\0' && *out >= 0.0))
        return STATUS_OK;
    return fail(STATUS_USAGE, "LOCKSTEP_START_SECONDS is `%.40s`: not a number of seconds",
                given);
}

void start_give_up(double waited)
{
    char host[256] = "", who[100] = "a rank, or its host, is stopped or lost";
    long rank, process;

    gethostname(host, sizeof(host) - 1);
    if (sibling_stopped(&rank, &process))
        snprintf(who, sizeof(who), "rank %ld (process %ld of this host) is stopped", rank,
                 process);
    log_error("rank %s (host %s) has waited %.0f s for all ranks to start; %s; "
              "LOCKSTEP_START_SECONDS sets how long to wait",
              sibling_own_rank(), host, waited, who);
    _Exit(EXIT_FAILURE);
}

/* start.h - a watch over MPI's own start, which blocks in each rank until all are there. */
#ifndef LOCKSTEP_COMM_START_H
#define LOCKSTEP_COMM_START_H

#include "lockstep/base/status.h"
#include "ticker.h"

typedef struct start_watch {
    double seen;    /* clock_seconds at the last look */
    double waited;  /* seconds, those left out in which this rank itself was stopped */
    double stopped; /* seconds since a signal to stop was seen */
    double limit;   /* seconds, 0: none */
    ticker ticker;
} start_watch;

/* After LOCKSTEP_START_SECONDS of the environment (300 without, 0: never) the process says
 * that not all ranks have come, which one of its host is stopped, and ends; soon after a
 * signal to stop it ends, too. STATUS_USAGE when the variable is no number. */
MUST_CHECK status start_watch_begin(start_watch *out);
void start_watch_end(start_watch *s);

#endif

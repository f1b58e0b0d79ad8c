/* start.h - how long the start of MPI may take, which blocks until all ranks are there. */
#ifndef LOCKSTEP_COMM_START_H
#define LOCKSTEP_COMM_START_H

#include "lockstep/base/status.h"

/* LOCKSTEP_START_SECONDS of the environment, 300 without, 0: no limit. STATUS_USAGE when it is
 * no number. */
MUST_CHECK status start_limit(double *out);

/* Say after how many seconds not all ranks had come, which one of this host is stopped, and end
 * the process. */
_Noreturn void start_give_up(double waited);

#endif

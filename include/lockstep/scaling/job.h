/* job.h - what a configuration means for the exchange of a job, be it trained, forecast or
 * simulated. */
#ifndef LOCKSTEP_SCALING_JOB_H
#define LOCKSTEP_SCALING_JOB_H

#include <stdbool.h>

#include "lockstep/config/config.h"
#include "lockstep/exchange/exchange.h"

/* With so many grains on all ranks. */
exchange_settings job_exchange(const config *c, int grains, bool half);

/* The grains of a rank, the one that has most, with so many ranks on each host. `weak`: the
 * batch of the configuration is a host's, not that of all. */
int job_share(const config *c, bool weak, int hosts, int ranks_a_host);

/* The grains of all ranks. */
int job_grains(const config *c, bool weak, int hosts, int ranks_a_host);

#endif

/* gather.h - the running values of a mean's batch norm, gathered anew on the run's data. */
#ifndef LOCKSTEP_SRC_CLI_GATHER_H
#define LOCKSTEP_SRC_CLI_GATHER_H

#include "lockstep/checkpoint/mean.h"
#include "lockstep/comm/world.h"

typedef struct gather {
    world *world;    /* of this process alone; borrowed */
    const char *run; /* the run's folder; borrowed */
    int64_t pairs;   /* to take, at most */
    int64_t taken;   /* set by the work */
} gather;

/* A mean_finish with a `gather`. STATUS_USAGE when the model has no batch norm; STATUS_INPUT
 * when the run's dataset is not there, STATUS_CONFIG when it is not the one of the run. */
MUST_CHECK status gather_finish(void *user, const checkpoint *newest, parameters *p);

#endif

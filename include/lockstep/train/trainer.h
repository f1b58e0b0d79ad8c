/* trainer.h - a whole training run: prepare, resume, step, report, validate, save. */
#ifndef LOCKSTEP_TRAIN_TRAINER_H
#define LOCKSTEP_TRAIN_TRAINER_H

#include <stdbool.h>

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"

/* How a run was asked for, to be noted in its folder. All is borrowed. */
typedef struct trainer_call {
    char *const *words; /* the command line, the program first */
    int word_count;
    const char *const *settings; /* of --set */
    int setting_count;
} trainer_call;

/* [collective] Train until training.steps, an early stop or a signal. Prepares the dataset
 * when it is missing or stale, and goes on from the newest checkpoint in run.folder that
 * verifies. STATUS_STOPPED when a signal ended it, with the state saved. `trace` writes
 * <run.folder>/trace.json (rank 0's time). A run that goes on settles in `c` what it keeps
 * (config_keep). */
MUST_CHECK status trainer_run(world *world, config *c, const trainer_call *call, bool trace);

#endif

/* run_checkpoints.h - the checkpoints of a run, verified.
 *
 * The run may be going on: what it removes meanwhile is passed over.
 */
#ifndef LOCKSTEP_SRC_CLI_RUN_CHECKPOINTS_H
#define LOCKSTEP_SRC_CLI_RUN_CHECKPOINTS_H

#include "listing.h"
#include "lockstep/base/file.h"
#include "lockstep/checkpoint/checkpoint.h"

/* One of them; `progress` of one that is sound. */
typedef struct run_checkpoint {
    int64_t step;
    char path[FILE_PATH_MAX], problem[512];
    status outcome;
    checkpoint_progress progress;
} run_checkpoint;

/* Start from {0}. Owned: run_checkpoints_free. */
typedef struct run_checkpoints {
    run_checkpoint *all; /* [count], the steps rising */
    size_t count;
    bool again; /* one that was listed had gone */
} run_checkpoints;

/* Look at every one: what is wrong with it stands in its entry. */
MUST_CHECK status run_checkpoints_load(run_checkpoints *out, const char *run);
void run_checkpoints_free(run_checkpoints *entries);

/* Of the newest one that is sound, which knows the best; NULL: there is none. */
const checkpoint_progress *run_checkpoints_newest(const run_checkpoints *entries);

/* For people those that are not sound, the best and the newest; for JSON all. */
void run_checkpoints_say(const run_checkpoints *entries, listing *to);

/* STATUS_FORMAT when one of them is damaged or cannot be read. */
MUST_CHECK status run_checkpoints_judge(const run_checkpoints *entries, const char *run);

#endif

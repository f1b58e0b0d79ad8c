/* saving.h - how a run survives: its folder's lock, its checkpoints, and going on from them. */
#ifndef LOCKSTEP_TRAIN_SAVING_H
#define LOCKSTEP_TRAIN_SAVING_H

#include "lockstep/checkpoint/run.h"
#include "lockstep/data/dataset.h"
#include "snapshot.h"
#include "training.h"
#include "writing.h"

typedef struct saving {
    run_lock lock;     /* rank 0 only */
    snapshot snapshot; /* of the newest checkpoint that was begun */
    writing writing;   /* of that, where it goes on; rank 0 only */
    checkpoint latest; /* rank 0, from saving_find to saving_resume; none: {0} */
    checkpoint_progress progress;
    int64_t saved_step; /* of the newest checkpoint that this run began or read */
    double saved_at;    /* when, or when the run began (base/clock.h); rank 0's is heeded */
} saving;

/* Rank 0: take the run folder's lock, before anything in it is read or written. */
MUST_CHECK status saving_lock(saving *s, const config *c);

/* Is the run's folder still the one that was locked? STATUS_IO when it was removed or
 * replaced; of ranks other than 0 it is always well. */
MUST_CHECK status saving_check(const saving *s, const config *c);

/* Rank 0: open the newest checkpoint of the run that verifies, and compare its configuration,
 * before a file of the run is replaced; `asked` is given what the run keeps (config_keep).
 * `*known` gets what the run was trained on (dataset_is), borrowed; NULL when it has no
 * checkpoint. STATUS_CONFIG when a fixed key changed, STATUS_FORMAT when no checkpoint
 * verifies. */
MUST_CHECK status saving_find(saving *s, config *asked, const uint64_t **known);

/* Make room for what is saved (train/snapshot.h says how much), so that no save lacks memory.
 * Borrows `data`. Not collective: agree on the result. */
MUST_CHECK status saving_open(saving *s, const training *t, const dataset *data);
/* A write that goes on is waited for; without another try, and with a warning, where it fails.
 * A zeroed one is fine. */
void saving_close(saving *s, world *world);

/* [collective] Go on from the checkpoint that saving_find found: parameters, optimizer state,
 * step and the place in the plan, to which `from` is moved; all ranks' `asked`, which is
 * t->config, then has what rank 0's was given. Without a checkpoint start anew, from
 * training.initialize_from where it is given. STATUS_CONFIG when the dataset changed;
 * STATUS_FORMAT when it is another model's. Warns when the build or the kernels changed. */
MUST_CHECK status saving_resume(saving *s, training *t, config *asked, const dataset *data,
                                loader *from);

/* [collective] Gather a snapshot of t->step, once the one before is written; then rank 0 writes
 * its checkpoint, and removes those that are not to be kept, while training goes on
 * (writing.h). What the one before failed with is returned here. */
MUST_CHECK status saving_save(saving *s, const training *t, const loader *from);

/* Has a write failed for good? On ranks other than 0 never. Then saving_end says how. */
bool saving_failed(saving *s);

/* [collective] Wait until all is written; with `hurry` without another try where it fails. */
MUST_CHECK status saving_end(saving *s, world *world, bool hurry);

#endif

/* rehearsal.h - a few steps as one rank of a larger job would compute them, recorded.
 *
 * Every rank of this job trains by itself on a batch of `grains` grains, all at the same time,
 * so that the cores of the host are as busy as they will be; no rank waits for another. What
 * it learns is forgotten.
 */
#ifndef LOCKSTEP_TRAIN_REHEARSAL_H
#define LOCKSTEP_TRAIN_REHEARSAL_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/infer/environment.h"
#include "lockstep/scaling/recording.h"

typedef struct rehearsal_settings {
    int vocabulary, length; /* as bench_settings */
    int steps;              /* recorded; two more warm up */
    int grains;             /* of a rank; a grain is as large as batch.tokens and .grains say */
} rehearsal_settings;

/* [collective] After environment_open. `*out`, this rank's, is owned: recording_free, also
 * after a failure. STATUS_STOPPED when a signal ended it. */
MUST_CHECK status rehearsal_run(recording *out, world *world, const config *c,
                                const environment *environment,
                                const rehearsal_settings *settings);

#endif

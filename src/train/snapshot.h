/* snapshot.h - a training as it stands at one step, copied into memory of rank 0's own, so
 * that writing it down touches nothing that the next step changes.
 *
 * Gathering is collective and can only be done between steps; writing (checkpoint_save of
 * its content) is rank 0's alone and may be done by any thread, until the next gathering.
 *
 * It costs rank 0 a copy of all that is saved, held for the whole run: the parameters, each
 * slot of the optimizer and the moving average, where there is one, whole. With adam that is
 * 12 bytes a parameter, 16 with an average. The other ranks pay nothing.
 */
#ifndef LOCKSTEP_TRAIN_SNAPSHOT_H
#define LOCKSTEP_TRAIN_SNAPSHOT_H

#include <pthread.h>
#include <stdbool.h>

#include "lockstep/checkpoint/checkpoint.h"
#include "lockstep/data/sides.h"
#include "training.h"

/* Start from {0}. On ranks other than 0 all pointers stay NULL. */
typedef struct snapshot {
    char *config;    /* YAML text, owned */
    float *room;     /* owned; the slabs that follow stand in it */
    bool populating; /* the room, by this thread, so that the first gathering need not */
    pthread_t populator;
    float *values;  /* [floats] of the model's registry, as the slots and the average */
    float *buffers; /* of its buffers; NULL where there are none */
    float *average; /* NULL: there is no moving average */
    float *slots[OPTIMIZER_SLOTS];
    checkpoint_content content; /* all of this, to be written */
} snapshot;

/* Make room for all that `t` will ever hold. Borrows its registry's names and `data`, which
 * do not change while a run lasts. Not collective: agree on the result. STATUS_NOMEM says how
 * many bytes were wanted. Owned: snapshot_free, also after a failure. */
MUST_CHECK status snapshot_init(snapshot *s, const training *t, const sides *data);
void snapshot_free(snapshot *s); /* a zeroed one is fine */

/* Take `c` for the configuration from now on. Not collective: agree on the result. */
MUST_CHECK status snapshot_describe(snapshot *s, const config *c);

/* [collective] Copy `t` as it stands, and where it stands. Allocates nothing, cannot fail. */
void snapshot_gather(snapshot *s, const training *t, const checkpoint_progress *progress);

#endif

/* judge.h - is the model in training better than it was? Validates it, and keeps the record
 * by which a run is saved, is stopped and cuts its learning rate (checkpoint_progress). */
#ifndef LOCKSTEP_TRAIN_JUDGE_H
#define LOCKSTEP_TRAIN_JUDGE_H

#include <stdbool.h>

#include "lockstep/checkpoint/checkpoint.h"
#include "lockstep/data/dataset.h"
#include "lockstep/infer/evaluation.h"
#include "report.h"
#include "training.h"

/* Start from {0}. */
typedef struct judge {
    const config *config;   /* borrowed */
    loader *valid;          /* NULL: nothing is ever validated */
    evaluation *evaluation; /* of the model's own output, or NULL when nobody asks for it */
    const metric *metric;   /* of that output, or NULL */
} judge;

/* [collective] Borrows all it is given. Owned: judge_close, also after a failure. */
MUST_CHECK status judge_open(judge *j, world *world, const config *c, dataset *dataset);
void judge_close(judge *j); /* a zeroed one is fine */

/* [collective] Validate the model, with its moving average where there is one, and note the
 * result in `progress`. STATUS_STOPPED on all ranks after a signal: nothing was noted, and
 * whoever resumes at this step does it again. */
MUST_CHECK status judge_validate(const judge *j, training *t, checkpoint_progress *progress,
                                 validation_result *out);

/* How a validation compares with the best before it. */
typedef struct judgement {
    bool best;   /* a better score, or the same with a lower loss: the checkpoint to keep */
    bool better; /* a better score: what patience waits for, which a loss alone never ends */
} judgement;

/* Note what a validation at `step` measured; progress->ranking.higher says which score is
 * better. */
judgement judge_note(checkpoint_progress *progress, int64_t step, measurement found);

/* After every validation: a plateau cuts the learning rate where the schedule says so. */
void judge_rate(training *t, bool better);

#endif

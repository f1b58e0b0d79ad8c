/* mean.h - the mean of several checkpoints of a run, as one checkpoint to be used: what
 * training that goes to and fro round a good model does not find by itself (Izmailov et al.
 * 2018 and, for Transformers, Vaswani et al. 2017).
 *
 * For one rank; nothing here is collective.
 */
#ifndef LOCKSTEP_CHECKPOINT_MEAN_H
#define LOCKSTEP_CHECKPOINT_MEAN_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/checkpoint/checkpoint.h"

/* One of the checkpoints; `score` and `loss` of its validation, NaN and infinite when it has
 * none of its own, or nobody asked. */
typedef struct mean_member {
    int64_t step;
    double score, loss;
} mean_member;

/* Which ones. Start from {0}. Owned: mean_free, also after a failure. */
typedef struct mean {
    mean_member *members; /* [count], steps rising */
    size_t count;
} mean;

/* The last `count` > 0 checkpoints of the run's folder. STATUS_INPUT when there are fewer. */
MUST_CHECK status mean_choose_last(mean *out, const char *run, int64_t count);

/* The best `count` > 0 of those that were saved right after a validation, of equal ones
 * those with the lower loss, then the earlier. STATUS_INPUT when there are fewer;
 * STATUS_FORMAT when one cannot be read. */
MUST_CHECK status mean_choose_best(mean *out, const char *run, int64_t count);
void mean_free(mean *m);

/* What is done to a mean before it is written: `p` has its values and buffers, `newest` all
 * else. */
typedef struct mean_finish {
    status (*run)(void *user, const checkpoint *newest, parameters *p);
    void *user;
} mean_finish;

/* Write `path`: of every parameter as it would be used (its moving average where there is
 * one), and of every buffer, the mean in double over the checkpoints in the order of their
 * steps, as a float; all else but the optimizer's state as in the newest of them. `finish`,
 * unless it is NULL, has the last word.
 * STATUS_FORMAT names a checkpoint that is damaged, of another run or itself a mean;
 * STATUS_STOPPED after a signal. Then there is no file. */
MUST_CHECK status mean_save(const mean *m, const char *run, const char *path,
                            const mean_finish *finish);

#endif

/* gathering.h - batch norm's running values gathered anew, for parameters that stand still and
 * without dropout. Those that training leaves lag behind its last steps and were measured with
 * dropout, and the mean of several models has none of its own (Izmailov et al. 2018; PyTorch's
 * update_bn).
 */
#ifndef LOCKSTEP_TRAIN_GATHERING_H
#define LOCKSTEP_TRAIN_GATHERING_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"
#include "lockstep/model/transformer.h"

/* [collective] Set every running value of the model, which has batch norm, to the mean over
 * the batches of the first `most` > 0 pairs of the training set, shuffled as in its first
 * epoch, when fed the truth: the same bits on any number of ranks. `*taken`: pairs of these
 * batches. STATUS_STOPPED on all ranks after a signal: then, as after any failure, the running
 * values are as they were. */
MUST_CHECK status gathering_run(world *world, const config *c, dataset *from,
                                transformer *model, int64_t most, int64_t *taken);

#endif

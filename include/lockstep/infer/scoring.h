/* scoring.h - how likely a model finds the targets of a set. */
#ifndef LOCKSTEP_INFER_SCORING_H
#define LOCKSTEP_INFER_SCORING_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/pair_source.h"
#include "lockstep/model/transformer.h"

/* [collective] scores[i] becomes the natural logarithm of the probability of pair i's
 * target given its source, <end> included; of a parallel decoder, of its symbols when none
 * is known, and of its <end>, or given its length; of a label or tags that training never saw
 * it is -infinity. All of them on all ranks, the same bits
 * on any number of ranks. STATUS_STOPPED on all ranks when a signal asked one to stop. */
MUST_CHECK status scoring_run(world *world, const config *c, const transformer *model,
                              arena *arena, const pair_source *pairs, double *scores);

#endif

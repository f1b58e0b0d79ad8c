/* divergence.h - do all ranks still have the same parameters, to the last bit?
 *
 * They ought to: each slice is computed by one rank, and the others get copies. A bit that a
 * memory, a processor or a network flips in one rank's copy would go into the gradients of its
 * grains, and in the rank's own slices to everyone. So that it is found before, a step is
 * checked between its gradients and its update. What a step has changed back by then, or a bit
 * of an optimizer's slots, which have no second copy, is not seen.
 */
#ifndef LOCKSTEP_TRAIN_DIVERGENCE_H
#define LOCKSTEP_TRAIN_DIVERGENCE_H

#include "training.h"

/* Does distributed.check_every ask for a check of the parameters as step t->step left them? */
bool divergence_is_due(const training *t);

/* [collective] STATUS_DIVERGED on all ranks when a parameter or a running value of batch norm
 * differs: rank 0 says which tensor, and on which rank. That is one whose bits most ranks do
 * not have; where no bits have a majority, one that differs from rank 0. Reads the parameters
 * once and sends 8 bytes; allocates only after it found something. */
MUST_CHECK status divergence_check(const training *t);

#endif

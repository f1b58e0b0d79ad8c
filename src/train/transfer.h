/* transfer.h - parameters of another run, whose vocabularies may be others. */
#ifndef LOCKSTEP_TRAIN_TRANSFER_H
#define LOCKSTEP_TRAIN_TRANSFER_H

#include "lockstep/checkpoint/checkpoint.h"
#include "lockstep/data/sides.h"

/* Fill `p`, the parameters of a model over `now`, from a checkpoint as its model would be used.
 * What stands for symbols, rows of embeddings and of the output layer, goes to the same symbol;
 * a symbol that the checkpoint does not know keeps what `p` has, and the log tells how many. So
 * does a parameter of a head that is not in the checkpoint; a body is taken whole.
 * Rank 0 alone. */
MUST_CHECK status transfer_load(const checkpoint *from, const sides *now, const parameters *p);

#endif

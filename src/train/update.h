/* update.h - from summed gradients to new parameters on all ranks. */
#ifndef LOCKSTEP_TRAIN_UPDATE_H
#define LOCKSTEP_TRAIN_UPDATE_H

#include "training.h"

/* [collective] Update the owned slices by their gradients, whose mean is `scale` times their
 * sum, bucket by bucket in the order of forward. Each leaves for the other ranks at once, and
 * may be on its way when this returns (training_settle). t->step counts this step already. */
void update_run(training *t, double rate, double scale);

#endif

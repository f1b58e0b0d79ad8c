/* update.h - from summed gradients to new parameters on all ranks. */
#ifndef LOCKSTEP_TRAIN_UPDATE_H
#define LOCKSTEP_TRAIN_UPDATE_H

#include "training.h"

/* [collective] Update the owned slices by their gradients, whose mean is `scale` times their
 * sum, and gather the parameters. t->step counts this step already. */
void update_run(training *t, double rate, double scale);

#endif

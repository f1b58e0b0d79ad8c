/* averaging.h - the moving average of a training's parameters, and using it in their place.
 * Without training.average_decay no value changes. */
#ifndef LOCKSTEP_TRAIN_AVERAGING_H
#define LOCKSTEP_TRAIN_AVERAGING_H

#include "training.h"

/* Let the average start from the parameters as they are. */
void averaging_begin(training *t);

/* [collective] Parameters and average change places, on all ranks, so that the model is the
 * averaged one until the next call, which puts back the very bits. No step in between. All
 * parameters are there afterwards (training_settle). */
void averaging_swap(training *t);

#endif

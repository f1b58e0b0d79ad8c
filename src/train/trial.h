/* trial.h - a training that is measured for some steps and then forgotten: its data, which may
 * be random sentences, and all that a step needs.
 */
#ifndef LOCKSTEP_TRAIN_TRIAL_H
#define LOCKSTEP_TRAIN_TRIAL_H

#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"
#include "synthetic.h"
#include "training.h"

typedef struct trial_settings {
    int vocabulary; /* symbols of both sides, specials included; 0: the dataset is used */
    int length;     /* mean of the random sentences, without specials; with a vocabulary */
    int steps;      /* that there shall be data for */
} trial_settings;

typedef struct trial {
    dataset *dataset;    /* NULL with random sentences, */
    synthetic sentences; /* which these are */
    loader *loader;
    training training;
} trial;

/* [collective in `job`] The data are found or made by the ranks of `job`, and trained on by
 * those of `world`, which is `job` itself or this rank's alone. Without a vocabulary the
 * configuration's dataset is prepared where it is missing or stale; with one no file is
 * touched, and data.max_length and model.length.tokens are raised where the sentences need
 * it. Owned: trial_close, also after a failure. */
MUST_CHECK status trial_open(trial *t, world *job, world *world, config *c,
                             const environment *environment, const trial_settings *settings);
void trial_close(trial *t); /* [collective in `world`] */

#endif

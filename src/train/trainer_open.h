/* trainer_open.h - all that a training run works with: opened together, closed together. */
#ifndef TRAIN_TRAINER_OPEN_H
#define TRAIN_TRAINER_OPEN_H

#include "judge.h"
#include "lockstep/train/trainer.h"
#include "report.h"
#include "saving.h"
#include "start.h"

/* Start from {.world, .config, .call}, which are borrowed. */
typedef struct trainer {
    world *world;
    config *config; /* resuming settles it */
    const trainer_call *call;
    dataset *dataset;
    loader *loader; /* of the training set */
    training training;
    judge judge;
    report report;
    saving saving;
    start start;
    bool validated; /* the model as it stands, in this process */
    bool gathered;  /* its running values, for the last step */
    bool stopping;  /* a signal came */
    bool late;      /* checkpoint.every is a time, and it has passed */
    bool failed;    /* a checkpoint could not be written */
} trainer;

/* [collective] Lock the run's folder, open everything, resume, and say in one paragraph what
 * is trained, on what, and where it begins. STATUS_STOPPED when a signal came meanwhile:
 * nothing is to be saved. trainer_close, also after a failure. */
MUST_CHECK status trainer_open(trainer *t, bool trace);
void trainer_close(trainer *t);

/* Has it taken its steps, or waited for a better validation in vain? */
bool trainer_is_finished(const trainer *t);

#endif

/* training.h - everything a training run holds: opened together, closed together. */
#ifndef LOCKSTEP_TRAIN_TRAINING_H
#define LOCKSTEP_TRAIN_TRAINING_H

#include "lockstep/config/config.h"
#include "lockstep/data/loader.h"
#include "lockstep/exchange/batch_sum.h"
#include "lockstep/exchange/exchange.h"
#include "lockstep/infer/environment.h"
#include "lockstep/infer/tally.h"
#include "lockstep/model/transformer.h"
#include "lockstep/optim/moving_average.h"
#include "lockstep/optim/optimizer.h"
#include "lockstep/optim/plateau.h"
#include "lockstep/optim/schedule.h"
#include "recorder.h"

typedef struct training {
    world *world;         /* borrowed */
    const config *config; /* borrowed */
    environment environment;
    transformer *model;
    exchange *exchange;
    batch_sum *batch_sum; /* NULL: no batch norm */
    optimizer optimizer;
    moving_average average; /* of the owned parameters (averaging.h) */
    const schedule *schedule;
    plateau plateau; /* of validations; the schedule of that name cuts the rate */
    tree_run tree;   /* of this rank's grains */
    arena arena;
    recorder *recorder; /* of the passes, borrowed; NULL: nobody records */
    tally tally;        /* of the batches since the last report */
    int64_t step;       /* steps done */
    int64_t tokens;     /* target tokens trained on so far */
} training;

/* [collective] Build the model with parameters initialized from the seed, and all that a
 * step needs. `*t` is owned: training_close, also after a failure. */
MUST_CHECK status training_open(training *t, world *world, const config *c,
                                const environment *environment, int source_symbols,
                                int target_symbols);
/* [collective] after steps. A zeroed one is fine. */
void training_close(training *t);

/* The learning rate of the step that comes next. */
double training_rate(const training *t);

/* What one step tells. */
typedef struct step_result {
    double norm;            /* of the gradient, before clipping */
    double rate;            /* the learning rate */
    double teacher_forcing; /* the truth's share in what the decoder was fed */
    int64_t source_tokens, target_tokens;
    model_flops flops;  /* in products, of this rank's grains */
    double load_waited; /* s that this rank, its batches loaded, waited for others' */
} step_result;

/* [collective] One optimizer step over batch.accumulate batches of `from`; t->step grows by
 * one. The new parameters may still be on their way between the ranks when it returns: the
 * next step waits for each just before it reads it. Allocates nothing but when the loader
 * opens a window. STATUS_NUMBER when the gradient is not finite, STATUS_DIVERGED as
 * divergence.h says; then no parameter has changed. */
MUST_CHECK status training_step(training *t, loader *from, step_result *out);

/* [collective] Wait until this rank has all parameters of the last step, and the others its
 * own. To be called before they are read or written outside of steps; fine when nothing is on
 * its way. */
void training_settle(const training *t);

#endif

/* checkpoint.h - everything a run needs to go on, or a model to be used, in one
 * store (store/store.h, kind "checkpoint").
 *
 *   attributes                    format, version, step, config (YAML), build, blas,
 *                                 instructions
 *   /parameters/<name>            float [rows, cols] or [cols]
 *   /buffers/<name>               float [cols]: batch norm's running values
 *   /average/<name>               the parameters' moving average, where there is one: what
 *                                 is validated and used in place of the parameters
 *   /optimizer/<slot>/<name>      as the parameter of that name
 *   /progress/<field>             int64 or double scalars
 *   /progress/arithmetic          int64 [2], the origin's; not in older files
 *   /progress/ranking/<list>      steps, scores and losses of the best validations, best first
 *   the rest                      what the user of the room adds: the vocabularies
 *                                 (data/sides.h)
 *
 * It knows nothing of ranks: one rank writes the file, and has gathered before whatever is
 * sharded.
 */
#ifndef LOCKSTEP_CHECKPOINT_CHECKPOINT_H
#define LOCKSTEP_CHECKPOINT_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/checkpoint/ranking.h"
#include "lockstep/optim/optimizer.h"
#include "lockstep/optim/plateau.h"
#include "lockstep/slab/parameters.h"
#include "lockstep/store/store.h"

/* Version 2 added the plateau, the ranking and the moving average, 3 the losses of
 * validations; 1 and 2 are still read. */
enum { CHECKPOINT_VERSION = 3, CHECKPOINT_ORIGIN = 128 };

/* Where a run stands. */
typedef struct checkpoint_progress {
    int64_t step;                 /* optimizer steps done */
    int64_t epoch, window, batch; /* of the batch that comes next: loader_position */
    int64_t tokens;               /* target tokens trained on so far */
    int64_t best_step;            /* a step that was saved, -1: nothing validated yet */
    double best_metric;           /* validation.metric at best_step */
    double best_loss;             /* and the loss; infinite when it is not known */
    int64_t without_better;       /* validations since: against validation.patience */
    int64_t validated_step;       /* the step of the last validation that ended */
    plateau plateau;              /* cuts of the learning rate, and validations since */
    double validated_metric;      /* validation.metric there */
    double validated_loss;
    int64_t mean_of; /* checkpoints that this is the mean of; 0: a run's own */
    ranking ranking; /* the best validations */
    int64_t dataset; /* what dataset_is knows it by, its bits */
} checkpoint_progress;

/* Bits are promised for one build on one kind of kernel. */
typedef struct checkpoint_origin {
    char build[CHECKPOINT_ORIGIN];
    char blas[CHECKPOINT_ORIGIN];         /* OpenBLAS core name */
    char instructions[CHECKPOINT_ORIGIN]; /* of our own kernels */
    int64_t arithmetic[2];                /* hashes of what both gave; 0: not known */
} checkpoint_origin;

/* What is saved. All pointers are borrowed. */
typedef struct checkpoint_content {
    const char *config; /* YAML text */
    checkpoint_origin origin;
    checkpoint_progress progress;
    const parameters *layout;   /* the tensors' names, shapes and places; not its slabs */
    const float *values;        /* [layout->floats] */
    const float *buffers;       /* [layout->buffers->floats]; NULL where it has none */
    const float *average;       /* [layout->floats]; NULL: there is no moving average */
    const optimizer_rule *rule; /* names the slots; NULL: there are none */
    const float *slots[OPTIMIZER_SLOTS]; /* each [layout->floats], laid out like the values */

    /* Writes the rest into the file; NULL: there is none. */
    status (*add_rest)(const void *rest, store_writer *writer);
    const void *rest;
} checkpoint_content;

/* Write `path`, making its folder. On failure a file of that name is as it was, and
 * nothing else is left. Looks at `content` and nothing else: any thread may call it. */
MUST_CHECK status checkpoint_save(const char *path, const checkpoint_content *content);

/* A checkpoint that was opened and verified as a whole. Start from {0}. */
typedef struct checkpoint {
    store_reader *reader; /* for what else is in the file */
    char *config;         /* YAML text */
    checkpoint_origin origin;
    checkpoint_progress progress;
} checkpoint;

/* Verify and open. STATUS_INPUT: no such file. STATUS_FORMAT: not a checkpoint, another
 * version, truncated, damaged. Owned: checkpoint_close. */
MUST_CHECK status checkpoint_open(checkpoint *out, const char *path);
void checkpoint_close(checkpoint *c); /* a zeroed one is fine */

/* Does it hold exactly these parameters, their buffers and, unless `rule` is NULL, this
 * optimizer's slots for them? Then it may not be a mean of checkpoints either. A moving
 * average is checked where there is one. STATUS_FORMAT names the first tensor that differs,
 * with both shapes. Reads no values: check before anything live is changed. */
MUST_CHECK status checkpoint_check(const checkpoint *c, const parameters *p,
                                   const optimizer_rule *rule);

/* Check, then fill the values of all parameters and buffers. */
MUST_CHECK status checkpoint_load_parameters(const checkpoint *c, const parameters *p);

/* The same for a model that is to be used: with the moving average where there is one. */
MUST_CHECK status checkpoint_load_model(const checkpoint *c, const parameters *p);
/* The same for a model that is an encoder and what stands on it: of another's decoder and
 * output nothing is looked at. */
MUST_CHECK status checkpoint_load_encoder(const checkpoint *c, const parameters *p);
bool checkpoint_is_averaged(const checkpoint *c); /* is there one? */

/* Fill `whole`, [p->floats] laid out like the values and 0 between tensors, with a slot, or
 * with the moving average. After checkpoint_check. */
MUST_CHECK status checkpoint_load_slot(const checkpoint *c, const parameters *p,
                                       const char *slot, float *whole);
MUST_CHECK status checkpoint_load_average(const checkpoint *c, const parameters *p,
                                          float *whole);

/* The score of its own validation; NaN when it was saved without one. */
double checkpoint_score(const checkpoint_progress *progress);

/* An `add_rest` whose `rest` is an opened checkpoint: as it is there. */
MUST_CHECK status checkpoint_copy_rest(const void *rest, store_writer *writer);

#endif

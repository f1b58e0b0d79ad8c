/* optimizer.h - how gradients change parameters.
 *
 * An optimizer keeps, for each float it updates, one float in each of its slots
 * (Adam's two moments). A rank holds slots for the floats it owns alone: slot
 * floats stand in the order of exchange/exchange.h's owned floats, and a checkpoint
 * stores them under `/optimizer/<slot>/<name>`.
 *
 * Every float is updated on its own and in IEEE arithmetic without contraction
 * to fused operations, so the bits depend neither on where it stands, nor on
 * the number of threads or ranks, nor on the instruction set.
 */
#ifndef LOCKSTEP_OPTIM_OPTIMIZER_H
#define LOCKSTEP_OPTIM_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

enum { OPTIMIZER_SLOTS = 2 }; /* at most */

/* The keys of training.optimizer; a rule reads those that concern it. */
typedef struct optimizer_settings {
    double beta1, beta2, alpha, epsilon, momentum, weight_decay;
    bool nesterov;
} optimizer_settings;

/* What one update needs beside the floats. */
typedef struct optimizer_moment {
    double rate;  /* the learning rate of this step */
    double scale; /* of the gradients: clip_factor */
    double limit; /* then each is kept within [-limit, limit], as PyTorch's
                     clip_grad_value_; 0: no limit */
    int64_t step; /* counts from 1 */
    bool decays;  /* weight_decay concerns these floats */
} optimizer_moment;

/* A row of the table: one rule per optimizer. `update` goes over `count` floats;
 * slots are 0 before the first step. */
typedef struct optimizer_rule {
    const char *name;
    int slots;
    const char *slot_names[OPTIMIZER_SLOTS];
    void (*update)(const optimizer_settings *settings, const optimizer_moment *moment,
                   float *values, const float *gradients, float *const slots[], size_t count);
    bool decays; /* looks at weight_decay and the moment's `decays` */
} optimizer_rule;

typedef struct optimizer {
    const optimizer_rule *rule;
    optimizer_settings settings;
    int threads;
    size_t count;                  /* floats in each slot */
    float *slots[OPTIMIZER_SLOTS]; /* [count], owned; NULL from rule->slots on */
} optimizer;

/* adam     Adam (Kingma and Ba 2015)
 * adamw    the same with decoupled weight decay (Loshchilov and Hutter 2019)
 * sgd      gradient descent with momentum, which Nesterov's looks ahead by
 * rmsprop  Tieleman and Hinton 2012, neither centred nor with momentum
 * Each is PyTorch's of that name, formula by formula (src/optim/<name>.c). NULL when there
 * is none of that name. */
const optimizer_rule *optimizer_find(const char *name);

/* Zeroed slots of `count` floats; `threads` OpenMP threads in every update. */
MUST_CHECK status optimizer_init(optimizer *o, const optimizer_rule *rule,
                                 const optimizer_settings *settings, size_t count, int threads);
void optimizer_free(optimizer *o); /* a zeroed one is fine */

/* Update values[0..count) by gradients[0..count), whose slots start at `first`. */
void optimizer_update(optimizer *o, const optimizer_moment *moment, float *values,
                      const float *gradients, size_t first, size_t count);

#endif

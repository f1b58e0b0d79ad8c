/* schedule.h - the learning rate as a function of the step. */
#ifndef LOCKSTEP_OPTIM_SCHEDULE_H
#define LOCKSTEP_OPTIM_SCHEDULE_H

#include <stdint.h>

/* The keys of training.schedule; a schedule reads those that concern it. */
typedef struct schedule_settings {
    double peak;
    int64_t warmup; /* steps */
} schedule_settings;

/* A row of the table. `rate` is a pure function; steps count from 1. */
typedef struct schedule {
    const char *name;
    double (*rate)(const schedule_settings *settings, int64_t step);
} schedule;

/* constant      peak
 * inverse_sqrt  peak * min(step / warmup, sqrt(warmup / step)), as in Vaswani et
 *               al. 2017 and fairseq: linear up to `peak` at step `warmup`, then
 *               falling; a warmup of 0 is one of 1
 * NULL when there is none of that name. */
const schedule *schedule_find(const char *name);

#endif

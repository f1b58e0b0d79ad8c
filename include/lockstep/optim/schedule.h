/* schedule.h - the learning rate as a function of the step. */
#ifndef LOCKSTEP_OPTIM_SCHEDULE_H
#define LOCKSTEP_OPTIM_SCHEDULE_H

#include <stdint.h>

/* The keys of training.schedule; a schedule reads those that concern it. */
typedef struct schedule_settings {
    double peak, floor;
    double decay;                 /* above 0, below 1 */
    int64_t warmup, until, every; /* steps; warmup < until, every > 0 */
    int64_t cuts;                 /* plateau.h's, so far */
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
 *
 * All others rise as peak * step / warmup, too. Then, with t = step - warmup and
 * T = until - warmup, never below the floor:
 *
 * linear        floor + (peak - floor) * (1 - t / T), from T on the floor
 * cosine        floor + (peak - floor) * (1 + cos(pi * t / T)) / 2, from T on the floor
 *               (Loshchilov and Hutter 2017, without restarts)
 * exponential   peak * decay^(t / every)
 * steps         peak * decay^floor(t / every)
 * plateau       peak * decay^cuts, which a warm-up does not exceed either
 *
 * In PyTorch t is a scheduler's last_epoch, for an optimizer whose lr is `peak`:
 *
 * linear        LinearLR(start_factor=1, end_factor=floor/peak, total_iters=T)
 * cosine        CosineAnnealingLR(T_max=T, eta_min=floor) up to T, where it rises again
 * exponential   ExponentialLR(gamma=decay**(1/every))
 * steps         StepLR(step_size=every, gamma=decay)
 * plateau       ReduceLROnPlateau(factor=decay, min_lr=floor, threshold=0, eps=0)
 * the warm-up   LinearLR(start_factor=1/warmup, total_iters=warmup-1), joined with the
 *               above by SequentialLR(milestones=[warmup-1]); its epoch 0 is step 1.
 *
 * NULL when there is none of that name. */
const schedule *schedule_find(const char *name);

#endif

/* moving_average.h - an exponential moving average of the parameters while they are trained
 * (Polyak and Juditsky 1992), often better than the last of them.
 *
 *   average = d * average + (1 - d) * value,   d = min(decay, (1 + step) / (10 + step))
 *
 * after every step, so that the first steps, which know little, are soon forgotten. A rank
 * keeps the average of the floats it owns alone, in the order of exchange/exchange.h's owned
 * floats; a checkpoint stores it under `/average/<name>`.
 *
 * Every float is averaged on its own and in IEEE arithmetic without contraction, so the bits
 * depend neither on where it stands, nor on threads or ranks, nor on the instruction set.
 */
#ifndef LOCKSTEP_OPTIM_MOVING_AVERAGE_H
#define LOCKSTEP_OPTIM_MOVING_AVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct moving_average {
    double decay; /* 0: there is no average */
    int threads;  /* OpenMP threads of every update */
    size_t count;
    float *values; /* [count], owned; NULL without an average */
} moving_average;

/* Zeroes; with a decay of 0 nothing is allocated. */
MUST_CHECK status moving_average_init(moving_average *a, double decay, size_t count,
                                      int threads);
void moving_average_free(moving_average *a); /* a zeroed one is fine */

/* The d of step `step`, which counts from 1. */
double moving_average_decay(double decay, int64_t step);

/* Add values[0..count) after step `step` to the averages that start at `first`. Does nothing
 * where there is no average. */
void moving_average_add(moving_average *a, int64_t step, const float *values, size_t first,
                        size_t count);

#endif

/* median.h - the middle of some measurements. */
#ifndef LOCKSTEP_TRAIN_MEDIAN_H
#define LOCKSTEP_TRAIN_MEDIAN_H

/* Sorts the values, of which there is at least one. */
double median(double *values, int count);

#endif

/* recorded_sums.h - batch norm's door to the other ranks for ranks that run one after another
 * in one process: the first pass, which has all grains, is recorded; passes of parts of the
 * grains must bring the same values for them, to the bit, and get its totals.
 */
#ifndef LOCKSTEP_TESTS_RECORDED_SUMS_H
#define LOCKSTEP_TESTS_RECORDED_SUMS_H

#include "lockstep/nn/pass.h"

enum { RECORDED_CALLS = 64 };

typedef struct recorded_call {
    int count;
    double *values; /* [grains][count], owned */
    double *totals; /* [count], owned */
} recorded_call;

typedef struct recorded_sums {
    batch_sums hook;
    int grains;      /* of the batch */
    int first, last; /* of the pass that runs */
    int next;        /* its next call */
    recorded_call calls[RECORDED_CALLS];
} recorded_sums;

void recorded_sums_init(recorded_sums *r, int grains);
void recorded_sums_free(recorded_sums *r);

/* The pass that comes has the grains [first, last); one that has all is recorded anew. */
const batch_sums *recorded_sums_begin(recorded_sums *r, int first, int last);

#endif

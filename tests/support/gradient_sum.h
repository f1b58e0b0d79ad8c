/* gradient_sum.h - the gradients of ranks that run one after another in one process, summed
 * in the tree as ranks of their own would sum them. */
#ifndef LOCKSTEP_TESTS_GRADIENT_SUM_H
#define LOCKSTEP_TESTS_GRADIENT_SUM_H

#include "lockstep/slab/parameters.h"
#include "lockstep/slab/tree.h"

typedef struct gradient_sum {
    tree_run root;
    int leaf; /* nodes added so far */
    size_t floats;
    float *values; /* [slots][floats]; after the last rank the first is the sum; owned */
} gradient_sum;

/* Zero; every plane has `floats` floats. */
gradient_sum gradient_sum_create(int grains, int ranks, size_t floats);
void gradient_sum_free(gradient_sum *s);

/* The first `nodes` planes of p are the next rank's. */
void gradient_sum_add(gradient_sum *s, const parameters *p, int nodes);

#endif

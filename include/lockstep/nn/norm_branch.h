/* norm_branch.h - what flows out of a norm's backward beside ds: the branch's gradient, and
 * its column sums over a tile. */
#ifndef LOCKSTEP_NN_NORM_BRANCH_H
#define LOCKSTEP_NN_NORM_BRANCH_H

#include "lockstep/tensor/dropout.h"
#include "lockstep/tensor/matrix.h"

typedef struct norm_branch {
    const dropout *dropout;
    matrix dbranch; /* [rows, width]; used with dropout, else ds is the gradient */
    float *sum;     /* [width] of this tile; NULL where there was no branch */
} norm_branch;

#endif

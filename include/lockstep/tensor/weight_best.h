/* weight_best.h - which row of a weight has the largest product with each of some rows. */
#ifndef LOCKSTEP_TENSOR_WEIGHT_BEST_H
#define LOCKSTEP_TENSOR_WEIGHT_BEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/tensor/weight.h"

typedef struct weight_best {
    const float *bias;    /* [out] added to the products */
    float *best;          /* [x.rows] what is to be surpassed, and the largest afterwards */
    int32_t *symbols;     /* [x.rows] the row of the weight where one is larger, of equals the
                             first; else left alone */
    const int32_t *never; /* [nevers] rows of the weight that are passed over */
    int nevers;
} weight_best;

/* Is w a whole tensor that is packed? Of others the largest product cannot be found so. */
bool weight_best_applies(const weight *w);

/* The products have the bits that weight_forward gives them. Those that are no numbers are
 * passed over. */
void weight_best_find(const weight *w, matrix x, const weight_best *find);

#endif

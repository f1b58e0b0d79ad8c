/* exchange_case.h - a made-up model whose gradients are exchanged, in several shapes: grains
 * that split evenly on 1, 2 and 3 ranks and that do not; buckets smaller than the ranks and
 * larger than the model. For tests under mpirun. */
#ifndef LOCKSTEP_TESTS_EXCHANGE_CASE_H
#define LOCKSTEP_TESTS_EXCHANGE_CASE_H

#include <stdbool.h>

#include "lockstep/exchange/exchange.h"

enum { EXCHANGE_CASES = 6 };

typedef struct exchange_case {
    int rank, ranks, grains;
    parameters p; /* tensors with one, two and three uses */
    exchange *x;
} exchange_case;

/* [collective] Shape `number`. The case stays where it is until it is freed. */
void exchange_case_init(exchange_case *c, int number, bool accumulate);
void exchange_case_free(exchange_case *c);

/* Set this rank's gradients of a made-up batch: numbers of many sizes, so that another order
 * of additions gives other bits. */
void exchange_case_set_gradients(exchange_case *c, int batch);

/* [collective] Those gradients, announced and summed. */
void exchange_case_reduce(exchange_case *c, int batch, bool add);

/* What the sum must be at one place of the value slab: each use over the tree, by its
 * definition, then the uses in their order. */
float exchange_case_sum(const exchange_case *c, int batch, size_t at);

#endif

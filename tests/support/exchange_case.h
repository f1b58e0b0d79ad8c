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
    bool half;
    parameters p; /* tensors with one, two and three uses */
    exchange *x;
} exchange_case;

/* [collective] Shape `number`. The case stays where it is until it is freed. */
void exchange_case_init(exchange_case *c, int number, bool accumulate);

/* The same with settings of one's own, but for grains and bucket_bytes; false, and nothing to
 * free, where there are more ranks than grains. */
bool exchange_case_open(exchange_case *c, int number, exchange_settings settings);

/* Of shape `number`. */
size_t exchange_case_bucket_bytes(int number);

/* Every list of radices whose product is `ranks`, at most 8, in every order, has a number below
 * EXCHANGE_LISTS: to `radices` [31], and how many there are in it; -1 where a number has
 * none. */
enum { EXCHANGE_LISTS = 16 };
int exchange_case_radices(int ranks, int number, int *radices);
void exchange_case_free(exchange_case *c);

/* Set this rank's gradients of a made-up batch: numbers of many sizes, so that another order
 * of additions gives other bits. From batch 1 on there are long stretches of zeros among
 * them, as of rows of a table that no token looked up. */
void exchange_case_set_gradients(exchange_case *c, int batch);

/* [collective] Those gradients, announced and summed. */
void exchange_case_reduce(exchange_case *c, int batch, bool add);

/* What the sum must be at one place of the value slab: each use over the tree, by its
 * definition, then the uses in their order. */
float exchange_case_sum(const exchange_case *c, int batch, size_t at);

/* This rank's gradients that differ from the sum of batches 0, 1, ..., in order. */
int exchange_case_wrong(const exchange_case *c, int batches);

/* Values: what stands at a place of the slab; set where this rank owns it, wrong elsewhere; how
 * many of `values` are wrong. */
float exchange_case_value(size_t at);
void exchange_case_set_values(exchange_case *c);
int exchange_case_wrong_values(const exchange_case *c, const float *values);

#endif

/* buckets.h - how the value slab is cut into buckets, and these into slices. */
#ifndef LOCKSTEP_EXCHANGE_BUCKETS_H
#define LOCKSTEP_EXCHANGE_BUCKETS_H

#include "lockstep/exchange/exchange.h"

typedef struct bucket {
    size_t first;                    /* in the value slab, in floats */
    size_t blocks;                   /* of PARAMETER_BLOCK floats */
    int uses;                        /* of all that stands in it */
    size_t gradient[PARAMETER_USES]; /* where each use starts in a plane */
} bucket;

typedef struct buckets {
    bucket *list; /* [count] */
    int count;
} buckets;

/* Buckets in slab order, each at most `bucket_bytes` of gradients over all uses,
 * but at least one block. */
MUST_CHECK status buckets_init(buckets *b, const parameters *p, size_t bucket_bytes);
void buckets_free(buckets *b);

/* The bucket that holds float `at` of the value slab. */
int buckets_find(const buckets *b, size_t at);

/* The slice of one rank; `owned` is left 0. */
slice bucket_slice(const bucket *b, int rank, int ranks);

#endif

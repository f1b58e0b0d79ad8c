/* buckets.h - how the value slab is cut into buckets, and these into what each rank owns. */
#ifndef LOCKSTEP_EXCHANGE_BUCKETS_H
#define LOCKSTEP_EXCHANGE_BUCKETS_H

#include "lockstep/exchange/exchange.h"

typedef struct bucket {
    size_t first;                    /* in the value slab, in floats */
    size_t blocks;                   /* of PARAMETER_BLOCK floats */
    int uses;                        /* of all that stands in it */
    size_t gradient[PARAMETER_USES]; /* where each use starts in a plane */
    int piece;                       /* the number of its first use's piece */
} bucket;

typedef struct buckets {
    bucket *list; /* [count] */
    int count;
    int pieces; /* a bucket's gradients of one use, each: what travels by itself */
} buckets;

/* Buckets in slab order, each at most `bucket_bytes`, but at least one block. */
MUST_CHECK status buckets_init(buckets *b, const parameters *p, size_t bucket_bytes);
void buckets_free(buckets *b);

/* The bucket that holds float `at` of the value slab. */
int buckets_find(const buckets *b, size_t at);

/* Of `all` places that share the bucket evenly, in whole blocks, what [place, place + count)
 * have: floats from the bucket's start. */
typedef struct part {
    size_t first, count;
} part;

part bucket_part(const bucket *b, int place, int count, int all);

#endif

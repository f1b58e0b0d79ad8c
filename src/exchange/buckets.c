/* buckets.c - how the value slab is cut into buckets, and these into what each rank owns. */
#include "buckets.h"

#include <limits.h>

#include "lockstep/base/memory.h"

/* A run of blocks whose gradients have the same uses. `tied` is NULL where there
 * is one use. */
typedef struct region {
    size_t first, blocks;
    const parameter *tied;
} region;

static size_t blocks_of(size_t floats)
{
    return (floats + PARAMETER_BLOCK - 1) / PARAMETER_BLOCK;
}

/* One message holds at most a bucket, and MPI counts bytes of half nodes in int. */
static size_t largest_bucket(size_t bucket_bytes)
{
    const size_t limit = INT_MAX / 2 / PARAMETER_BLOCK;
    size_t blocks = bucket_bytes / sizeof(float) / PARAMETER_BLOCK;

    if (blocks == 0)
        return 1;
    return blocks < limit ? blocks : limit;
}

/* Cut the region into buckets as even as they can be. With no list yet they are
 * only counted. */
static void cut(buckets *b, region r, size_t bucket_bytes)
{
    int uses = r.tied != NULL ? r.tied->uses : 1;
    size_t largest = largest_bucket(bucket_bytes);
    size_t pieces = (r.blocks + largest - 1) / largest;

    for (size_t piece = 0; piece < pieces; piece++, b->count++, b->pieces += uses) {
        size_t start = r.blocks * piece / pieces;
        size_t end = r.blocks * (piece + 1) / pieces;
        size_t offset = start * PARAMETER_BLOCK;

        if (b->list == NULL)
            continue;
        bucket *new = &b->list[b->count];
        *new = (bucket){
            .first = r.first + offset, .blocks = end - start, .uses = uses, .piece = b->pieces};
        new->gradient[0] = new->first;
        for (int use = 1; use < uses; use++)
            new->gradient[use] = r.tied->gradient[use] + offset;
    }
}

/* Tied tensors stand in blocks of their own; all between two of them is cut
 * without regard to tensors. */
static void walk(buckets *b, const parameters *p, size_t bucket_bytes)
{
    size_t start = 0;

    b->count = b->pieces = 0;
    for (int i = 0; i < p->count; i++) {
        const parameter *tensor = &p->list[i];

        if (tensor->uses == 1)
            continue;
        region before = {start, blocks_of(tensor->first - start), NULL};
        region tied = {tensor->first, blocks_of(tensor->count), tensor};
        cut(b, before, bucket_bytes);
        cut(b, tied, bucket_bytes);
        start = tied.first + tied.blocks * PARAMETER_BLOCK;
    }
    cut(b, (region){start, blocks_of(p->floats - start), NULL}, bucket_bytes);
}

status buckets_init(buckets *b, const parameters *p, size_t bucket_bytes)
{
    *b = (buckets){0};
    walk(b, p, bucket_bytes);
    b->list = memory_create((size_t)b->count, sizeof(*b->list));
    if (b->list == NULL)
        return fail(STATUS_NOMEM, "%d buckets of gradients", b->count);
    walk(b, p, bucket_bytes);
    return STATUS_OK;
}

void buckets_free(buckets *b)
{
    memory_destroy(b->list);
    *b = (buckets){0};
}

int buckets_find(const buckets *b, size_t at)
{
    int low = 0, high = b->count - 1;

    while (low < high) {
        int middle = low + (high - low + 1) / 2;

        if (b->list[middle].first <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

part bucket_part(const bucket *b, int place, int count, int all)
{
    size_t start = b->blocks * (size_t)place / (size_t)all;
    size_t end = b->blocks * (size_t)(place + count) / (size_t)all;

    return (part){start * PARAMETER_BLOCK, (end - start) * PARAMETER_BLOCK};
}

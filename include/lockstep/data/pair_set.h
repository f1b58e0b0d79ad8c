/* pair_set.h - token numbers of pairs in memory, as a source for a loader: sets that are
 * small, or blocks of a larger one.
 */
#ifndef LOCKSTEP_DATA_PAIR_SET_H
#define LOCKSTEP_DATA_PAIR_SET_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/data/pair_source.h"

/* One side: int32_t numbers of all pairs, and int64_t where each pair's end. */
typedef struct pair_set_side {
    buffer ids, ends;
} pair_set_side;

/* Start from {0}. Owned: pair_set_free. */
typedef struct pair_set {
    int64_t pairs;
    pair_set_side source, target;
} pair_set;

/* Numbers without specials; either side may be empty. After a failure the set may only
 * be freed or cleared. */
MUST_CHECK status pair_set_add(pair_set *set, const int32_t *source, size_t source_count,
                               const int32_t *target, size_t target_count);

void pair_set_clear(pair_set *set); /* keeps the room */
void pair_set_free(pair_set *set);

/* The target's numbers of a pair, `*count` of them; borrowed until the set changes. */
const int32_t *pair_set_target(const pair_set *set, int64_t pair, size_t *count);

/* Borrows the set, which must not change while the source is used. */
pair_source pair_set_source(pair_set *set);

#endif

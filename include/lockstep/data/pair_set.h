/* pair_set.h - the elements of pairs in memory, as a source for a loader: sets that are
 * small, or blocks of a larger one.
 */
#ifndef LOCKSTEP_DATA_PAIR_SET_H
#define LOCKSTEP_DATA_PAIR_SET_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/data/pair_source.h"

/* One side: the elements of all pairs, and int64_t where each pair's end. */
typedef struct pair_set_side {
    buffer elements, ends;
} pair_set_side;

/* Start from {0}, a set of symbols, or from the elements of both sides. Owned: pair_set_free.
 * After a failure a set may only be freed or cleared. */
typedef struct pair_set {
    element elements[SIDES];
    int64_t pairs;
    pair_set_side sides[SIDES];
    bool has_words;   /* every pair has a list of words, which may be empty */
    buffer words;     /* each ended by a 0 byte */
    buffer word_ends; /* int64_t: where in words those of each pair end */
} pair_set;

/* One side of the next pair, without specials: `count` elements, which may be 0. */
MUST_CHECK status pair_set_put(pair_set *set, dataset_side side, const void *elements,
                               size_t count);
/* The same in place: room for `most` elements, borrowed until the set changes, of which
 * pair_set_end says how many there are. */
MUST_CHECK status pair_set_begin(pair_set *set, dataset_side side, size_t most, void **room);
void pair_set_end(pair_set *set, dataset_side side, size_t count);

/* What was put of a side of the next pair, `*count` elements, to be changed; borrowed until
 * the set changes. */
void *pair_set_pending(pair_set *set, dataset_side side, size_t *count);

/* Words that go with a pair, numbered from 0: those of a source that its vocabulary has not
 * (data/sides.h). `pair` is one of the set's, or its count for the next one. */
MUST_CHECK status pair_set_add_word(pair_set *set, const char *text, size_t size);
int32_t pair_set_find_word(const pair_set *set, int64_t pair, const char *text, size_t size);
const char *pair_set_word(const pair_set *set, int64_t pair, int32_t number); /* or NULL */
void pair_set_drop_words(pair_set *set); /* of the next pair */

/* Make a pair of what was put since the last one; a side without anything is empty. */
MUST_CHECK status pair_set_add(pair_set *set);
void pair_set_drop(pair_set *set); /* or forget it */

/* All pairs of `from` into a set that starts from {0}. */
MUST_CHECK status pair_set_load(pair_set *out, const pair_source *from);

/* The same with sources left empty. */
MUST_CHECK status pair_set_load_targets(pair_set *out, const pair_source *from);

void pair_set_clear(pair_set *set); /* keeps the room */
void pair_set_free(pair_set *set);

/* The elements of a side of a pair, `*count` of them; borrowed until the set changes. */
const void *pair_set_get(const pair_set *set, dataset_side side, int64_t pair, size_t *count);

/* Borrows the set, which must not change while the source is used. */
pair_source pair_set_source(pair_set *set);

#endif

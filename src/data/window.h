/* window.h - the pairs that are in memory together, and the order they take.
 *
 * An epoch visits blocks of WINDOW_BLOCK consecutive pairs, all of them once, in an
 * order permuted by (seed, epoch); the set's last block may be short. A window
 * is a few blocks in a row of that order, and its pairs are visited in an order
 * permuted by (seed, epoch, window). Without shuffle both orders are the set's.
 */
#ifndef LOCKSTEP_DATA_WINDOW_H
#define LOCKSTEP_DATA_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/pair_source.h"

enum { WINDOW_BLOCK = 1024 };

/* One side of the pairs, in the order in which they were read. */
typedef struct window_side {
    size_t element;   /* bytes of one */
    int32_t *lengths; /* [pairs] without specials */
    int64_t *starts;  /* [pairs] where each one's elements begin, in elements */
    void *elements;
    int64_t room; /* for elements */
} window_side;

typedef struct window {
    const pair_source *from; /* borrowed */
    uint64_t seed;
    bool shuffle;
    int64_t blocks; /* of the set */
    int most;       /* blocks of a window */
    int pairs;      /* held now */
    int32_t *order; /* [pairs] i-th in order is the order[i]-th read */
    int64_t *names; /* [pairs] number in the set of the k-th read */
    window_side sides[SIDES];
    int32_t *scored; /* [pairs] elements of the k-th read's target that are no -1 */
} window;

/* Room for windows of `pairs` pairs, rounded up to whole blocks. `from` has at
 * least one pair. Owned: window_free, on failure too. */
MUST_CHECK status window_init(window *out, const pair_source *from, int pairs, uint64_t seed,
                              bool shuffle);
void window_free(window *old);

/* Windows of an epoch. */
int64_t window_count(const window *w);

/* Read window `number` of `epoch`. After a failure the content is undefined. */
MUST_CHECK status window_open(window *w, int64_t epoch, int64_t number);

/* The elements of one side of the k-th pair read; borrowed until the next window_open. */
const void *window_elements(const window *w, dataset_side side, int32_t k);

#endif

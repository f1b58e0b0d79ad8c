/* window.h - the pairs that are shuffled together, and the order they take. Lengths of all of
 * them are in memory, and the elements of those that are wanted, but for frames, which are
 * large.
 *
 * An epoch visits blocks of WINDOW_BLOCK consecutive pairs, all of them once, in an
 * order permuted by (seed, epoch); the set's last block may be short. A window
 * is a few blocks in a row of that order, and its pairs are visited in an order
 * permuted by (seed, epoch, window). Without shuffle both orders are the set's.
 */
#ifndef LOCKSTEP_DATA_WINDOW_H
#define LOCKSTEP_DATA_WINDOW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/data/pair_source.h"

enum { WINDOW_BLOCK = 1024 };

/* One side of the pairs, in the order in which they were read. */
typedef struct window_side {
    bool kept;        /* the elements; not of frames */
    int32_t *lengths; /* [pairs] without specials */
    int64_t *starts;  /* [pairs] where each wanted one's elements begin; NULL unless kept */
    int32_t *elements;
    int64_t room; /* for elements */
} window_side;

typedef struct window {
    const pair_source *from; /* borrowed */
    uint64_t seed;
    bool shuffle;
    int64_t blocks;            /* of the set */
    int most;                  /* blocks of a window */
    int64_t epoch, begin, end; /* held now: blocks [begin, end) of this epoch's order */
    int pairs;                 /* of them */
    int32_t *order;            /* [pairs] i-th in order is the order[i]-th read */
    int64_t *names;            /* [pairs] number in the set of the k-th read */
    bool *wanted;              /* [pairs] are the elements of the k-th read? */
    window_side sides[SIDES];
    int32_t *scored; /* [pairs] elements of the k-th read's target that are no -1 */
    int32_t *block;  /* a side of some pairs, of which not all are wanted */
    int64_t block_room;
    atomic_bool given_up; /* from another thread: reading may end */
} window;

/* Room for windows of `pairs` pairs, rounded up to whole blocks. `from` has at
 * least one pair. Owned: window_free, on failure too. */
MUST_CHECK status window_init(window *out, const pair_source *from, int pairs, uint64_t seed,
                              bool shuffle);
void window_free(window *old);

/* Windows of an epoch. */
int64_t window_count(const window *w);

/* Learn of window `number` of `epoch` how long its pairs are, and set their order; nothing is
 * wanted yet. After a failure the content is undefined. STATUS_STOPPED: given up. */
MUST_CHECK status window_open(window *w, int64_t epoch, int64_t number);

/* Read the elements of what is wanted, block by block, and count what is scored of all. Pairs
 * that nobody wants are read where they stand among others, and kept in no more memory than a
 * block takes. */
MUST_CHECK status window_read(window *w);

/* The symbols of one side of the k-th pair read, a wanted one; borrowed until the next
 * window_open. */
const int32_t *window_elements(const window *w, dataset_side side, int32_t k);

/* Read the frames of one side of the k-th pair: halves [length, width]. */
MUST_CHECK status window_load(const window *w, dataset_side side, int32_t k, void *out);

#endif

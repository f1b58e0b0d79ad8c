/* loader.h - the batches of a set, in the order of the plan.
 *
 * The plan is a function of (seed, epoch, window) and the lengths, and alike on
 * every rank. Training order: blocks of consecutive pairs are visited in a
 * permuted order, `window` pairs at a time; within a window all pairs are shuffled,
 * then cut into batches of at most `tokens` (at least one pair), the sum over pairs
 * of the larger of source and target positions with their specials, and each batch into
 * grains of about equal tokens. Of a window a rank keeps the lengths of all pairs and the
 * elements of those in its own grains, but of frames only the lengths: they are read batch by
 * batch. Any position is reached by reading one window; the next one is read meanwhile.
 */
#ifndef LOCKSTEP_DATA_LOADER_H
#define LOCKSTEP_DATA_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/batch.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/pair_source.h"

typedef struct loader_settings {
    uint64_t seed;
    bool shuffle; /* false: the order of the file, for validation */
    int tokens;   /* of a global batch */
    int grains;
    int first_grain, last_grain; /* those to deliver: [first_grain, last_grain) */
    int window;                  /* pairs, at least 1 */
    bool ahead;                  /* a thread reads the next window; then both are in memory */
    specials specials[SIDES];
} loader_settings;

/* Where in the plan the next batch stands. {0} is the beginning. */
typedef struct loader_position {
    int64_t epoch, window, batch;
} loader_position;

typedef struct loader loader;

/* Copies *from, borrows its context. `*out` is owned: loader_destroy. All buffers for the
 * largest batch are allocated here or when a window is opened, never in between; the thread
 * that reads ahead allocates for its own window.
 * STATUS_INPUT when there are no pairs. */
MUST_CHECK status loader_create_from(loader **out, const pair_source *from,
                                     const loader_settings *settings);

/* The same for a split of a dataset. */
MUST_CHECK status loader_create(loader **out, dataset *from, dataset_split split,
                                const loader_settings *settings);
void loader_destroy(loader *old); /* NULL is fine */

/* The next batch. At the end of an epoch training goes on with the next one; without
 * shuffle `*end` becomes true and no batch is delivered, until loader_seek. After
 * a failure the position is that of the batch that failed, also where a thread had met it
 * ahead; the next call tries again. */
MUST_CHECK status loader_next(loader *from, batch *out, bool *end);

/* Of the batch that loader_next will deliver. */
loader_position loader_tell(const loader *from);

/* Reads the window of `position`, and begins to read the one after it where settings.ahead.
 * STATUS_INPUT when the plan has no
 * such position. */
MUST_CHECK status loader_seek(loader *from, loader_position position);

/* Pairs of the split. */
int64_t loader_pairs(const loader *from);

#endif

/* decoding.h - a model's outputs for the sources of a set, the work shared by the ranks. */
#ifndef LOCKSTEP_INFER_DECODING_H
#define LOCKSTEP_INFER_DECODING_H

#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/data/sides.h"
#include "lockstep/model/transformer.h"

/* All borrowed. */
typedef struct decoding {
    world *world;
    const config *config; /* decode and run.threads count */
    const sides *sides;
    const transformer *model; /* packed (transformer_pack) */
    arena *arena;
    bool unscored; /* scores are not asked for, and may be NaN */
    int n_best; /* outputs of a source, where it is labels; 0: one, or as decode.n_best says */
    /* [pairs] of each source in the whole input, which random draws follow; NULL: its place in
     * the set. */
    const int64_t *numbers;
    /* Told with the user of `take` how many sources are done, of how many; may be NULL. */
    void (*show)(void *user, int64_t done, int64_t of);
} decoding;

/* One output. It lives during the call. */
typedef struct decoded {
    int64_t pair; /* the number of its source in the set */
    int n;        /* 0 for the best output of a source, then 1, ... */
    double score; /* log p of it (decode/search.h); may be NaN where the decoding is unscored */
    const char *text; /* a line of UTF-8, ended by a 0 byte */
    size_t size;
    const int32_t *ids; /* [count] its symbols, or numbers (data/sides.h), without <end> */
    size_t count;
    bool ended; /* by <end>, or whole as labels and tags are; else it was cut off at a limit */
} decoded;

typedef status (*decoding_take)(void *user, const decoded *output);

/* [collective] Decode every source. Of tags the set's targets say which elements of the source
 * have one: as many as the source has, negative where there is none. Batches are cut by
 * length, which says nothing of what comes out; ranks and threads take whole ones. `take` gets
 * the outputs of this rank's, those of a source one after another and the best first, from one
 * thread at a time; what it fails with, all ranks return. An output depends on its source
 * alone: it has the same bits on any number of ranks and threads. STATUS_STOPPED on all ranks
 * when a signal asked one to stop. */
MUST_CHECK status decoding_run(const decoding *d, const pair_set *sources, decoding_take take,
                               void *user);

#endif

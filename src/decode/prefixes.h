/* prefixes.h - what the outputs of a search are so far, their limits, and who is open.
 *
 * A prefix is <begin> and the symbols after it. It is open until it ends, which is said by
 * <end>, or has as many symbols as it may. A search goes round in steps: pack the open ones,
 * let the model say what comes next at their ends, add it.
 */
#ifndef LOCKSTEP_DECODE_PREFIXES_H
#define LOCKSTEP_DECODE_PREFIXES_H

#include "lockstep/base/arena.h"
#include "lockstep/decode/search.h"
#include "lockstep/tensor/packed.h"

/* Prefix i belongs to sentence i of `source` and is the first length[i] ids of row i. */
typedef struct prefixes {
    const packed *source; /* borrowed */
    int count, room;      /* prefixes; ids in a row */
    int32_t *ids;         /* [count][room] */
    int32_t *length;      /* [count] ids in use, <begin> among them */
    int32_t *limit;       /* [count] the most ids it may have, at least 1 */
    bool *open;           /* [count] */
    bool *ended;          /* [count] by <end>, which is not among the ids */
} prefixes;

/* One prefix for each sentence: <begin>, and open unless its limit is that. `places` is how
 * many the model knows. Everything here is pushed on `arena`. */
prefixes prefixes_push(arena *arena, const packed *source, const search_limits *limits,
                       int places);

/* Put a symbol to the end of an open prefix. */
void prefixes_add(prefixes *p, int prefix, int32_t symbol);

/* The open prefixes as the decoder's input. Those that are not have no rows in it. */
packed prefixes_pack(const prefixes *p, arena *arena);

/* Where the next symbols are predicted: the last row of each open prefix, in order. */
typedef struct prefix_ends {
    int count;
    int32_t *prefixes;    /* [count] whose it is */
    int32_t *rows;        /* [count] of the packed prefixes */
    int32_t *grain_first; /* [grains + 1] where each grain's begin in `rows` */
} prefix_ends;

prefix_ends prefixes_ends(const prefixes *p, arena *arena, const packed *packed);

/* The outputs as they are, of open prefixes too. */
search_result prefixes_collect(const prefixes *p, arena *arena);

#endif

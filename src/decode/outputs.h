/* outputs.h - one output of each sentence, growing symbol by symbol out of the decoder's cache;
 * those that are finished leave, so that the others stay dense. For searches that follow one
 * path: they step, say what comes next, and add it.
 */
#ifndef LOCKSTEP_DECODE_OUTPUTS_H
#define LOCKSTEP_DECODE_OUTPUTS_H

#include "lockstep/decode/search.h"

typedef struct outputs {
    const transformer *model;
    pass *pass;
    decoder_cache *cache;
    search_output *list;   /* [sequences] so far */
    const int32_t *limits; /* [sequences] the most tokens each may have */
    int open, tokens;      /* outputs that go on, and how many tokens each of them has */
    int32_t *slots, *ids;  /* [open] sentence, and its last symbol */
} outputs;

/* All are empty, and open unless they may not have a token. In the pass's arena. */
outputs outputs_push(const transformer *t, pass *pass, const packed *source,
                     const search_options *options);

/* The decoder's states at the end of the open ones: [open, width] in the arena. */
matrix outputs_step(outputs *o);

/* Where they may copy from; NULL where nothing is copied. */
const copy_rows *outputs_copied(const outputs *o);

/* symbols [open] follow, each with its log p; without log_p scores are NaN. <end> finishes an
 * output; -1, which says that there is no symbol, cuts it off, as having as many tokens as it
 * may does. */
void outputs_add(outputs *o, const int32_t *symbols, const float *log_p);

#endif

/* search.h - from sources to outputs: one row of a table for each way of searching.
 *
 * A search works on a packed batch of sources and keeps its grains apart, as training does,
 * so the output of a sentence does not depend on how many ranks share the work.
 */
#ifndef LOCKSTEP_DECODE_SEARCH_H
#define LOCKSTEP_DECODE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/model/transformer.h"

/* An output has at most max_length tokens, and at most max_ratio * (source tokens) + 10;
 * nor does it leave the places that the model knows. */
typedef struct search_limits {
    int max_length;
    double max_ratio;
    bool source_end; /* sources end with <end>, which is not one of their tokens */
} search_limits;

/* In the pass's arena; <begin> and <end> are not in it. */
typedef struct search_result {
    int32_t *ids;     /* of all outputs, one after another */
    int32_t *offsets; /* [sequences + 1] first of each */
    bool *ended;      /* [sequences] by <end>; the others were cut off, at a limit
                         or because the search was stopped */
} search_result;

typedef struct search {
    const char *name;
    /* `stop` is asked between steps: once it is true the search ends with what it has. */
    void (*run)(const transformer *t, pass *pass, const packed *source,
                const search_limits *limits, int (*stop)(void), search_result *out);
} search;

/* NULL when there is none of that name. */
const search *search_find(const char *name);

#endif

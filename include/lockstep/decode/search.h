/* search.h - from sources to outputs: one row of a table for each way of searching.
 *
 * A search works on a batch of sources, on one thread. The model is packed
 * (transformer_pack), so what comes out for a source depends on that source alone: not on
 * those that stand beside it, nor on how many ranks and threads share the work.
 */
#ifndef LOCKSTEP_DECODE_SEARCH_H
#define LOCKSTEP_DECODE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/model/transformer.h"

/* The keys of decode (src/config/option.c), each for the searches that it applies to. An
 * output has at most max_length tokens, and at most max_ratio * (source tokens) + 10; nor does
 * it leave the places that the model knows. It does not end before it has min_length tokens,
 * so far as these limits let it have them. */
typedef struct search_options {
    int max_length, min_length;
    double max_ratio;
    bool source_end; /* sources end with <end>, which is not one of their tokens */
    bool unknown;    /* <unk> may be in an output */
    int beam, n_best;
    double length_penalty;
    double temperature;
    int top_k; /* 0: all symbols */
    double top_p;
    uint64_t seed;
    bool unscored; /* nobody asks for scores: greedy, where nothing is copied, gives NaN */
    int iterations, lengths; /* passes over an output; lengths that are tried */
    /* Of tags, rows as the source's: ids are negative where an output has no symbol. */
    const packed *asked;
    /* Of tags that keep to an order: may one follow another? [1 + tags before, 1 + tags], by
     * what the head chooses from; the first stands for where a sentence begins or ends. */
    const uint8_t *may_follow;
} search_options;

typedef struct search_output {
    int32_t *ids; /* [count] without <begin> and <end> */
    int count;
    bool ended;   /* by <end>, or a label or tags, which are whole; else it was cut off, at a
                     limit or because the search was stopped */
    double score; /* log p of ids, and of <end> where it ended it: what scoring says of the
                     pair */
} search_output;

/* In the pass's arena. */
typedef struct search_result {
    int each; /* outputs of a source: n_best of a beam or of labels, of which there may be
                 fewer, else 1 */
    search_output *list; /* [sequences, each] the best first; where there are fewer, the rest
                            has a score of -infinity */
} search_result;

typedef struct search {
    const char *name;
    /* `source` is one grain; numbers [sequences] are the sources' places in the whole input,
     * which random draws follow. `stop` is asked between steps: once it is true the search
     * ends with what it has. */
    void (*run)(const transformer *t, pass *pass, const packed *source, const int64_t *numbers,
                const search_options *options, int (*stop)(void), search_result *out);
} search;

/* By the word of decode.search, "parallel", "classify" or "tags"; NULL when there is none of
 * that name. */
const search *search_find(const char *name);

#endif

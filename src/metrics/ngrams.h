/* ngrams.h - the n-grams of a sequence, and how many of them others share.
 *
 * The suffixes of the sequence are sorted once by their first `longest` tokens;
 * equal n-grams then stand together for every order n up to `longest`.
 */
#ifndef LOCKSTEP_SRC_METRICS_NGRAMS_H
#define LOCKSTEP_SRC_METRICS_NGRAMS_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/metrics/tokens.h"

typedef struct ngram {
    const int32_t *items;
    int length; /* at most `longest`, less at the end of the sequence */
} ngram;

typedef struct ngrams {
    ngram *sorted; /* [count], owned */
    int count;
} ngrams;

/* Borrows the items of `from`. `out` is owned: ngrams_free; on failure too it may
 * be freed. */
MUST_CHECK status ngrams_init(ngrams *out, const tokens *from, int longest);
void ngrams_free(ngrams *list);

/* How many n-grams of this order there are. */
int ngrams_total(const ngrams *list, int order);

/* Clipped matches: the sum over the distinct n-grams of `output` of the smaller
 * of its count there and its largest count in any one reference. */
int ngrams_matches(const ngrams *output, const ngrams *references, int count, int order);

#endif

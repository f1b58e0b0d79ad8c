/* bleu.h - corpus BLEU (Papineni et al. 2002) as sacreBLEU computes it by
 * default (Post 2018): 13a tokenizer, case kept, up to 4-grams, exponential
 * smoothing, the closest reference length (the shorter of two as close).
 */
#ifndef LOCKSTEP_SRC_METRICS_BLEU_H
#define LOCKSTEP_SRC_METRICS_BLEU_H

#include "lockstep/base/status.h"

enum {
    BLEU_ORDER = 4,
    /* words of the output, words of the closest references, matches for each
     * order, n-grams of the output for each order */
    BLEU_COUNTS = 2 + 2 * BLEU_ORDER
};

/* Add one sentence to `counts` (from all zeros). Counts of several parts of a
 * corpus may be added up. `count` >= 1 references. */
MUST_CHECK status bleu_add(double counts[BLEU_COUNTS], const char *output,
                           const char *const *references, int count);

/* 0 to 100. */
double bleu_score(const double counts[BLEU_COUNTS]);

#endif

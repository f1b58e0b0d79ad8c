/* chrf.h - corpus chrF2 (Popovic 2015, 2016) as sacreBLEU computes it by
 * default: character n-grams up to 6 without white space, no word n-grams,
 * beta 2, orders that occur on one side only left out; of several references the
 * one with the best sentence score.
 */
#ifndef LOCKSTEP_SRC_METRICS_CHRF_H
#define LOCKSTEP_SRC_METRICS_CHRF_H

#include "lockstep/base/status.h"

enum {
    CHRF_ORDER = 6,
    /* for each order: n-grams of the output, of the reference, matches */
    CHRF_COUNTS = 3 * CHRF_ORDER
};

/* Add one sentence to `counts` (from all zeros). `count` >= 1 references. */
MUST_CHECK status chrf_add(double counts[CHRF_COUNTS], const char *output,
                           const char *const *references, int count);

/* 0 to 100. */
double chrf_score(const double counts[CHRF_COUNTS]);

#endif

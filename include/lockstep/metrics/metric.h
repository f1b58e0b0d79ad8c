/* metric.h - the metrics of texts, by name.
 *
 * Each reduces a sentence to a few counts. The counts of a corpus are the sum of
 * its sentences' counts; they are whole numbers, so the sum has the same bits in
 * any order and over any number of ranks. All scores are in percent.
 */
#ifndef LOCKSTEP_METRICS_METRIC_H
#define LOCKSTEP_METRICS_METRIC_H

#include <stdbool.h>

#include "lockstep/base/status.h"

enum { METRIC_COUNTS_MAX = 18 }; /* no metric has more */

typedef struct metric {
    const char *name; /* bleu, chrf, wer, per, cer, exact */
    bool higher_is_better;
    int counts;
    /* Add one sentence to counts[0..counts-1], all zero at first. `count` >= 1
     * references; texts are UTF-8. STATUS_NOMEM only; then nothing is added. */
    status (*add)(double *counts, const char *output, const char *const *references, int count);
    double (*score)(const double *counts);
} metric;

/* NULL when there is none of that name. */
const metric *metric_find(const char *name);

/* The metrics in the order of the table; NULL when `number` is past the last. */
const metric *metric_at(int number);

#endif

/* metric.h - the metrics of texts and of labels, by name.
 *
 * Each reduces a sentence to a few counts. The counts of a corpus are the sum of
 * its sentences' counts; they are whole numbers, so the sum has the same bits in
 * any order and over any number of ranks. All scores are in percent.
 */
#ifndef LOCKSTEP_METRICS_METRIC_H
#define LOCKSTEP_METRICS_METRIC_H

#include <stdbool.h>

#include "lockstep/base/status.h"
#include "lockstep/base/string_table.h"

enum { METRIC_COUNTS_MAX = 18 }; /* no metric of texts has more */

typedef struct metric {
    const char *name; /* bleu, chrf, wer, per, cer, exact; accuracy, macro_f1, span_f1 */
    bool higher_is_better;
    int counts; /* of a metric of labels with `score_labels`: for each label */

    /* ---- of texts; NULL where labels are compared ---- */

    /* Add one sentence to counts[0..counts-1], all zero at first. `count` >= 1
     * references; texts are UTF-8. STATUS_NOMEM only; then nothing is added. */
    status (*add)(double *counts, const char *output, const char *const *references, int count);

    /* ---- of labels; NULL where texts are compared ---- */

    /* Add a sentence of `count` labels, or one label, to counts[metric_counts], all zero at
     * first: numbers of `names`, those of the output beside the right ones. */
    void (*add_labels)(double *counts, const string_table *names, const int32_t *output,
                       const int32_t *gold, int count);
    double (*score_labels)(const double *counts, size_t labels); /* or score */

    double (*score)(const double *counts);
} metric;

/* How many counts it keeps where there are so many different labels; 0 for texts. */
size_t metric_counts(const metric *m, size_t labels);

/* 0 to 100, or more of an error rate. */
double metric_score(const metric *m, const double *counts, size_t labels);

/* NULL when there is none of that name. */
const metric *metric_find(const char *name);

/* The metrics in the order of the table; NULL when `number` is past the last. */
const metric *metric_at(int number);

#endif

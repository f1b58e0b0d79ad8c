/* metric.c - the metrics of texts and of labels, by name. */
#include "lockstep/metrics/metric.h"

#include <stddef.h>
#include <string.h>

#include "accuracy.h"
#include "bleu.h"
#include "chrf.h"
#include "error_rate.h"
#include "macro_f1.h"
#include "span_f1.h"

#define TEXTS(word, higher, number, adds, scores)                                              \
    {                                                                                          \
        .name = word, .higher_is_better = higher, .counts = number, .add = adds,               \
        .score = scores                                                                        \
    }

/* wer and per differ in what the words of a text are. */
static const metric metrics[] = {
    TEXTS("bleu", true, BLEU_COUNTS, bleu_add, bleu_score),
    TEXTS("chrf", true, CHRF_COUNTS, chrf_add, chrf_score),
    TEXTS("wer", false, ERROR_RATE_COUNTS, error_rate_add_words, error_rate_score),
    TEXTS("per", false, ERROR_RATE_COUNTS, error_rate_add_words, error_rate_score),
    TEXTS("cer", false, ERROR_RATE_COUNTS, error_rate_add_characters, error_rate_score),
    TEXTS("exact", true, ACCURACY_COUNTS, accuracy_add_exact, accuracy_score),
    {.name = "accuracy",
     .higher_is_better = true,
     .counts = ACCURACY_COUNTS,
     .add_labels = accuracy_add_labels,
     .score = accuracy_score},
    {.name = "macro_f1",
     .higher_is_better = true,
     .counts = MACRO_F1_COUNTS,
     .add_labels = macro_f1_add,
     .score_labels = macro_f1_score},
    {.name = "span_f1",
     .higher_is_better = true,
     .counts = SPAN_F1_COUNTS,
     .add_labels = span_f1_add,
     .score = span_f1_score},
};

enum { METRICS = sizeof(metrics) / sizeof(*metrics) };

_Static_assert((int)BLEU_COUNTS <= (int)METRIC_COUNTS_MAX, "room for BLEU's counts");
_Static_assert((int)CHRF_COUNTS <= (int)METRIC_COUNTS_MAX, "room for chrF's counts");

const metric *metric_find(const char *name)
{
    for (int m = 0; m < METRICS; m++) {
        if (strcmp(metrics[m].name, name) == 0)
            return &metrics[m];
    }
    return NULL;
}

const metric *metric_at(int number)
{
    return number >= 0 && number < METRICS ? &metrics[number] : NULL;
}

size_t metric_counts(const metric *m, size_t labels)
{
    return (size_t)m->counts * (m->score_labels != NULL ? labels : 1);
}

double metric_score(const metric *m, const double *counts, size_t labels)
{
    return m->score_labels != NULL ? m->score_labels(counts, labels) : m->score(counts);
}

/* metric.c - the metrics of texts, by name. */
#include "lockstep/metrics/metric.h"

#include <stddef.h>
#include <string.h>

#include "accuracy.h"
#include "bleu.h"
#include "chrf.h"
#include "error_rate.h"

/* wer and per differ in what the words of a text are. */
static const metric metrics[] = {
    {"bleu", true, BLEU_COUNTS, bleu_add, bleu_score},
    {"chrf", true, CHRF_COUNTS, chrf_add, chrf_score},
    {"wer", false, ERROR_RATE_COUNTS, error_rate_add_words, error_rate_score},
    {"per", false, ERROR_RATE_COUNTS, error_rate_add_words, error_rate_score},
    {"cer", false, ERROR_RATE_COUNTS, error_rate_add_characters, error_rate_score},
    {"exact", true, ACCURACY_COUNTS, accuracy_add_exact, accuracy_score},
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

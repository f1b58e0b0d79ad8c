/* macro_f1.c - the mean over labels of each one's F1. */
#include "macro_f1.h"

void macro_f1_add(double *counts, const string_table *names, const int32_t *output,
                  const int32_t *gold, int count)
{
    (void)names;
    for (int i = 0; i < count; i++) {
        double *given = counts + (size_t)output[i] * MACRO_F1_COUNTS;
        double *wanted = counts + (size_t)gold[i] * MACRO_F1_COUNTS;

        given[0] += output[i] == gold[i];
        given[1]++;
        wanted[2]++;
    }
}

double macro_f1_score(const double *counts, size_t labels)
{
    double sum = 0.0, seen = 0.0;

    for (size_t i = 0; i < labels; i++, counts += MACRO_F1_COUNTS) {
        double all = counts[1] + counts[2];

        if (all == 0.0)
            continue;
        sum += 2.0 * counts[0] / all;
        seen++;
    }
    return seen > 0.0 ? 100.0 * sum / seen : 0.0;
}

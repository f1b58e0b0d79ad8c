/* macro_f1.h - the mean over labels of each one's F1, in percent: of all labels that were to be
 * given or were given, each counting the same however rare it is.
 *
 * As f1_score(average="macro", zero_division=0) of scikit-learn.
 */
#ifndef LOCKSTEP_SRC_METRICS_MACRO_F1_H
#define LOCKSTEP_SRC_METRICS_MACRO_F1_H

#include <stddef.h>

#include "lockstep/base/string_table.h"

enum { MACRO_F1_COUNTS = 3 }; /* of each label: given rightly, given, to be given */

/* Add `count` labels, numbers of `names`, to counts[names->count * MACRO_F1_COUNTS] (from all
 * zeros). */
void macro_f1_add(double *counts, const string_table *names, const int32_t *output,
                  const int32_t *gold, int count);

/* 0 to 100; 0 when nothing was added. */
double macro_f1_score(const double *counts, size_t labels);

#endif

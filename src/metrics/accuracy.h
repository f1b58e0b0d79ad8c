/* accuracy.h - how many of the tries were right, in percent. */
#ifndef LOCKSTEP_SRC_METRICS_ACCURACY_H
#define LOCKSTEP_SRC_METRICS_ACCURACY_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/base/string_table.h"

enum { ACCURACY_COUNTS = 2 }; /* right, all */

/* Add to `counts` (from all zeros): tokens, labels or whatever is counted. */
void accuracy_add(double counts[ACCURACY_COUNTS], int64_t right, int64_t all);

/* One more try, right when the output has the words of any of the `count` >= 1
 * references: exact match, whatever the white space between the words. */
MUST_CHECK status accuracy_add_exact(double counts[ACCURACY_COUNTS], const char *output,
                                     const char *const *references, int count);

/* `count` tries, right where the label of the output is that of the truth. */
void accuracy_add_labels(double *counts, const string_table *names, const int32_t *output,
                         const int32_t *gold, int count);

/* 0 to 100; 0 when nothing was tried. */
double accuracy_score(const double counts[ACCURACY_COUNTS]);

#endif

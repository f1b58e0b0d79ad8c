/* error_rate.h - edits over the length of the reference, in percent: of words
 * (WER; PER where the words are phonemes) or of characters (CER).
 *
 * Of several references the nearest counts, the first of those as near; both its
 * edits and its length go into the corpus rate.
 */
#ifndef LOCKSTEP_SRC_METRICS_ERROR_RATE_H
#define LOCKSTEP_SRC_METRICS_ERROR_RATE_H

#include "lockstep/base/status.h"

enum { ERROR_RATE_COUNTS = 2 }; /* edits, length of the nearest references */

/* Add one sentence to `counts` (from all zeros). `count` >= 1 references. */
MUST_CHECK status error_rate_add_words(double counts[ERROR_RATE_COUNTS], const char *output,
                                       const char *const *references, int count);

/* Characters are code points; white space at the ends does not count, and
 * between words it is one space. */
MUST_CHECK status error_rate_add_characters(double counts[ERROR_RATE_COUNTS],
                                            const char *output, const char *const *references,
                                            int count);

/* 0 and up; above 100 with many insertions. Edits against references that are all
 * empty count as edits against one token. */
double error_rate_score(const double counts[ERROR_RATE_COUNTS]);

#endif

/* edit.h - Levenshtein's distance: insertions, deletions, substitutions. */
#ifndef LOCKSTEP_SRC_METRICS_EDIT_H
#define LOCKSTEP_SRC_METRICS_EDIT_H

#include "lockstep/base/status.h"
#include "lockstep/metrics/tokens.h"

/* Time is the product of the lengths, memory the shorter of them. */
MUST_CHECK status edit_distance(const tokens *left, const tokens *right, int *out);

#endif

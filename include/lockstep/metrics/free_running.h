/* free_running.h - how many gold symbols a model gets right when it is fed its own output
 * (free-running), to be set beside its accuracy when it is fed the truth: what lies between
 * the two is exposure bias (Bengio et al. 2015; Ranzato et al. 2016).
 *
 * Both count over the same symbols, those of the gold target and its <end>. Position by
 * position, a symbol too many or too few early on makes all later ones wrong; by edits it
 * costs one. So the first shows every slip, the second what remains after slips are
 * forgiven.
 *
 * The counts are whole numbers: their sum is exact in any order and on any number of ranks.
 */
#ifndef LOCKSTEP_METRICS_FREE_RUNNING_H
#define LOCKSTEP_METRICS_FREE_RUNNING_H

#include "lockstep/base/status.h"
#include "lockstep/metrics/tokens.h"

enum { FREE_RUNNING_COUNTS = 5 }; /* right places, edits, gold symbols, cut off, pairs */

typedef struct free_running {
    double accuracy;      /* share of gold symbols that the output has at the same place */
    double edit_accuracy; /* 1 - edits / gold symbols, and 0 at least */
    double cut_off;       /* share of outputs that a limit ended, and not <end> */
} free_running;

/* Add one pair to `counts` (from all zeros). <end> is the last symbol of `gold`, and of
 * `output` unless that was cut off at a limit. STATUS_NOMEM only; then nothing is added. */
MUST_CHECK status free_running_add(double counts[FREE_RUNNING_COUNTS], const tokens *output,
                                   const tokens *gold);

/* All 0 when nothing was added. */
free_running free_running_score(const double counts[FREE_RUNNING_COUNTS]);

#endif

/* summary.h - what a model is worth on a set, printed. */
#ifndef LOCKSTEP_SRC_CLI_SUMMARY_H
#define LOCKSTEP_SRC_CLI_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/infer/evaluation.h"
#include "lockstep/infer/tally.h"
#include "lockstep/metrics/free_running.h"
#include "lockstep/metrics/metric.h"
#include "lockstep/model/task.h"

enum { SUMMARY_METRICS = 16 };

typedef struct summary {
    const char *checkpoint; /* borrowed */
    int64_t step, pairs, sources, left_out;
    int references;            /* references_kind: what an item of the metrics is */
    losses losses;             /* fed the truth */
    free_running free_running; /* fed itself */
    const metric *metrics[SUMMARY_METRICS]; /* [count] the task's */
    double scores[SUMMARY_METRICS];
    int count;
    bool parallel;                /* the decoder is never fed what came before */
    int task;                     /* task_kind: what outputs are */
    confusion confusion;          /* of labels */
    const evaluation *evaluation; /* borrowed: what the labels are called */
} summary;

/* Names the metrics that make sense for the task; the rest is 0. */
void summary_init(summary *out, const task *task);

/* A table, or one JSON object with a key for each metric, on standard output. */
MUST_CHECK status summary_print(const summary *s, bool as_json);

#endif

/* report.h - what a run says while it goes: a live line for a terminal, plain lines for the
 * log, metrics.jsonl with a JSON object per report, and where they are asked for files for
 * TensorBoard and Prometheus. Rank 0 writes; on the other ranks every call is silent. */
#ifndef LOCKSTEP_TRAIN_REPORT_H
#define LOCKSTEP_TRAIN_REPORT_H

#include "event_file.h"
#include "exposition.h"
#include "lockstep/metrics/free_running.h"
#include "lockstep/metrics/metric.h"
#include "metrics_file.h"
#include "training.h"

typedef struct report {
    bool writes; /* this is rank 0 */
    metrics_file metrics;
    event_file events;        /* of run.tensorboard */
    exposition exposition;    /* of run.prometheus */
    const config *config;     /* borrowed */
    double opened;            /* clock_seconds then */
    double since;             /* clock_seconds when the current stretch began */
    double waited;            /* world_waited then */
    exchange_traffic traffic; /* then */
    int64_t first_step;       /* the step it began after */
    int64_t tokens;           /* target tokens since then */
    double loss;              /* of the last report, for the live line; NaN at first */
} report;

/* Open <run.folder>/metrics.jsonl for appending, cut back to records up to `step`, and what
 * else is asked for, before this start is noted (start.h). Not collective: agree on the
 * result. `writes`: this is rank 0. */
MUST_CHECK status report_open(report *r, const config *c, int64_t step, bool writes);
void report_close(report *r); /* a zeroed one is fine */

/* Begin a stretch of steps: what came before (validation, saving) is not in its rate. */
void report_begin(report *r, const training *t);

/* After a step: the live line. */
void report_step(report *r, const training *t, int64_t epoch, const step_result *step);

/* [collective] A line in the log and a record: losses since the last call. */
MUST_CHECK status report_add(report *r, training *t, int64_t epoch, const step_result *step);

/* A validation: losses when fed the truth, what the model gets right when it is fed itself,
 * and the named metric, where they were asked for. */
typedef struct validation_result {
    losses losses;
    bool decoded; /* free_running is set */
    free_running free_running;
    const metric *metric; /* NULL: none was asked for */
    double score;
    bool best, better; /* judge.h: than those before */
} validation_result;

MUST_CHECK status report_validation(report *r, const training *t, int64_t epoch,
                                    const validation_result *v);

#endif

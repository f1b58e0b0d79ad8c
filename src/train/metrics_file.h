/* metrics_file.h - <run.folder>/metrics.jsonl: a JSON object for each report. */
#ifndef LOCKSTEP_TRAIN_METRICS_FILE_H
#define LOCKSTEP_TRAIN_METRICS_FILE_H

#include <stdio.h>

#include "figures.h"
#include "lockstep/base/json.h"

/* Start from {0}. Owned: metrics_file_close. */
typedef struct metrics_file {
    FILE *file;
    json record; /* the line in the making */
} metrics_file;

/* Open for appending, cut back to records up to `step`. */
MUST_CHECK status metrics_file_open(metrics_file *m, const char *run_folder, int64_t step);

MUST_CHECK status metrics_file_add(metrics_file *m, const figures *f);

void metrics_file_close(metrics_file *m); /* a zeroed one is fine */

#endif

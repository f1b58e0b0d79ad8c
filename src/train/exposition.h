/* exposition.h - where a run stands, in Prometheus' text format: one file, replaced as a whole
 * at each report, for the textfile collector of node_exporter. */
#ifndef LOCKSTEP_TRAIN_EXPOSITION_H
#define LOCKSTEP_TRAIN_EXPOSITION_H

#include "figures.h"
#include "lockstep/base/buffer.h"
#include "lockstep/config/config.h"

/* A zeroed one writes nothing. Owned: exposition_close. */
typedef struct exposition {
    const config *config;        /* borrowed; NULL: no file is asked for */
    buffer text;                 /* in the making */
    buffer run;                  /* run.folder, as the value of a label */
    int64_t step, epoch, tokens; /* tokens 0: nothing was reported yet */
    int64_t starts;              /* those before this one */
    double started;              /* seconds since 1970 */
    figures steps, validation;   /* the last ones; count 0: none yet */
    bool running, warned;
} exposition;

/* May the file of run.prometheus be written? STATUS_CONFIG with what to do about it. Writes
 * nothing. */
MUST_CHECK status exposition_check(const config *c);

/* The first file, of a run at `step` that was started `starts` times before. STATUS_IO when it
 * cannot be written, or there is no memory; from then on that is a warning, given once. */
MUST_CHECK status exposition_open(exposition *e, const config *c, int64_t step, int64_t starts);

/* A report, after which the run has trained on `tokens` target tokens. */
void exposition_add(exposition *e, const figures *f, int64_t tokens);

/* The last file, which says that the run has ended. */
void exposition_close(exposition *e);

#endif

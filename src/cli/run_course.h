/* run_course.h - how a run went: what its metrics.jsonl tells. */
#ifndef LOCKSTEP_SRC_CLI_RUN_COURSE_H
#define LOCKSTEP_SRC_CLI_RUN_COURSE_H

#include <stddef.h>

#include "listing.h"
#include "lockstep/base/status.h"

/* Of one record. What it does not have is NaN. */
typedef struct course_row {
    int64_t step;
    int64_t epoch;
    bool is_validation;
    double loss;         /* training */
    double valid, score; /* loss, and the metric that was asked for, of a validation */
    double tokens, rate; /* a second; the learning rate */
    double seconds;      /* since this start of training */
} course_row;

/* Start from {.score = ...}. Owned: run_course_free. */
typedef struct run_course {
    const char *score; /* the metric's key, "valid_bleu"; NULL: none */
    course_row *rows;  /* [count], as they were written */
    size_t count, room;
    buffer lines; /* the records themselves, one a line */
} run_course;

/* Of a folder without that file, nothing. */
MUST_CHECK status run_course_load(run_course *out, const char *run);
void run_course_free(run_course *c);

/* The last report of training; NULL: there is none. */
const course_row *run_course_last(const run_course *c);

/* A table of at most twelve lines, evenly chosen: validations with what training last reported,
 * or else reports; `best`, a step, is always among them. -1: none. For JSON all records. */
void run_course_say(const run_course *c, listing *to, int64_t best);

#endif

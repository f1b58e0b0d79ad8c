/* run_starts.h - how a run was started, each time: what its starts.jsonl tells. */
#ifndef LOCKSTEP_SRC_CLI_RUN_STARTS_H
#define LOCKSTEP_SRC_CLI_RUN_STARTS_H

#include <stddef.h>

#include "listing.h"
#include "lockstep/base/status.h"
#include "run_course.h"

typedef struct run_start {
    int64_t step; /* that it went on after */
    char *line;   /* for people, without the key in front of it; owned */
} run_start;

/* Start from {0}. Owned: run_starts_free. */
typedef struct run_starts {
    run_start *all; /* [count], the first one first */
    size_t count;
    buffer newest; /* of the last one: command, machine, build */
    buffer lines;  /* the records themselves, one a line */
} run_starts;

/* Of a folder without that file, as older versions left it, nothing. */
MUST_CHECK status run_starts_load(run_starts *out, const char *run);
void run_starts_free(run_starts *s);

/* Seconds of training that led to what the course tells, of all starts; NaN where older
 * versions did not note them. */
double run_starts_seconds(const run_starts *s, const run_course *course);

/* The first and the newest ones; nothing where none is known. For JSON all records. */
void run_starts_say(const run_starts *s, listing *to);

#endif

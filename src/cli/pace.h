/* pace.h - how far a verb has come with its lines, and how fast.
 *
 * For rank 0; on the others the log is silent.
 */
#ifndef LOCKSTEP_SRC_CLI_PACE_H
#define LOCKSTEP_SRC_CLI_PACE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct pace {
    double since;  /* clock_seconds() */
    int64_t total; /* lines there are; negative: unknown */
    bool live;     /* with a live line */
} pace;

/* Now, before the first line. */
pace pace_begin(int64_t total, bool live);

/* Show the live line: "120/1,000 lines  526 lines/s  1s left". */
void pace_show(const pace *p, int64_t done);

/* Say "1,000 lines in 1.9 s, 526 lines/s". */
void pace_end(const pace *p, int64_t done);

#endif

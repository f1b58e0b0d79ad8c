/* progress.h - how far a long reading has come: a live line, or where there is none a line in
 * the log every ten seconds. */
#ifndef LOCKSTEP_SRC_DATA_PROGRESS_H
#define LOCKSTEP_SRC_DATA_PROGRESS_H

#include <stdint.h>

typedef struct progress {
    const char *name, *unit; /* "train", "pair" */
    int64_t total;           /* of units; negative: unknown */
    double since, said;      /* clock_seconds() */
} progress;

/* Now, before the first. Borrows the texts. */
progress progress_begin(const char *name, const char *unit, int64_t total);

/* So many units are done, the share of all (0 to 1); of which a total tells, too; negative:
 * unknown. "train: 120/1,000 files  52 files/s  17s left". */
void progress_show(progress *progress, int64_t done, double share);

#endif

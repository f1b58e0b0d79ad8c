/* start.h - <run.folder>/starts.jsonl: a JSON object for each start of training, which is never
 * cut back.
 *
 *   time                        seconds since 1970
 *   step                        that it goes on after
 *   command, folder             the words of the command line; where they were said
 *   settings                    of --set
 *   changed                     [{key, before, now}] since the start before, of keys that apply
 *                               in both
 *   job                         the batch system's number, where there is one
 *   ranks, threads, hosts       [{name, ranks}]; placement says in words where they run
 *   processor                   rank 0's
 *   build, blas, kernels        what the bits depend on (infer/environment.h)
 *
 * Rank 0 alone. What cannot be written is a warning.
 */
#ifndef LOCKSTEP_TRAIN_START_H
#define LOCKSTEP_TRAIN_START_H

#include "lockstep/base/json.h"
#include "lockstep/infer/placement.h"
#include "lockstep/train/trainer.h"
#include "training.h"

/* Start from {0}. Owned: start_free. */
typedef struct start {
    json changed; /* a list */
} start;

/* What has changed since the configuration at `path` was written, before it is replaced;
 * nothing where it cannot be read. */
void start_compare(start *s, const char *path, const config *now);

/* Append the line. `all`: where each rank runs. */
void start_add(start *s, const trainer_call *call, const training *t, const placement *all);

void start_free(start *s);

/* Whole lines of the file; 0 where it cannot be read. */
int64_t start_count(const char *run_folder);

#endif

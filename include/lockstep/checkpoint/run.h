/* run.h - the checkpoints of a run's folder: <run>/checkpoints/step-0000001000.h5, and
 * the lock that keeps a second job out.
 *
 * For one rank; nothing here is collective.
 */
#ifndef LOCKSTEP_CHECKPOINT_RUN_H
#define LOCKSTEP_CHECKPOINT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/file.h"
#include "lockstep/base/status.h"
#include "lockstep/checkpoint/checkpoint.h"

/* The path of a step's checkpoint. */
MUST_CHECK status run_checkpoint_path(char out[FILE_PATH_MAX], const char *run, int64_t step);

/* The step of a file named as a run's own checkpoints are, -1 for any other. */
int64_t run_checkpoint_step(const char *path);

/* The steps whose checkpoints are there, rising; none when there is no folder. `*steps`
 * is owned: memory_destroy. */
MUST_CHECK status run_list(const char *run, int64_t **steps, size_t *count);

/* Open the checkpoint of a step. STATUS_FORMAT also when the file holds another step than its
 * name says. */
MUST_CHECK status run_open_step(checkpoint *out, const char *run, int64_t step);
/* The same without verifying the content or keeping it open; `*wrong` tells that failure from
 * others. */
MUST_CHECK status run_check_name(const char *run, int64_t step, bool *wrong);

/* Open the newest checkpoint that verifies; out->reader is NULL when there is none at
 * all. Newer ones that do not verify are passed over with a warning that says what is
 * wrong with them. STATUS_FORMAT when there are checkpoints but none verifies. */
MUST_CHECK status run_open_latest(checkpoint *out, const char *run);

/* To use a model: `path` is a checkpoint or a run's folder; of a folder the best
 * checkpoint by validation, or else the newest that verifies. STATUS_INPUT when there is
 * none. */
MUST_CHECK status run_open_best(checkpoint *out, const char *path);

/* After at->step was saved: of the checkpoints up to it remove all but the newest `keep`,
 * that of at->best_step, and those of the first `keep_best` of at->ranking. Later ones,
 * which a resume passed over, stay until they are written again. */
MUST_CHECK status run_rotate(const char *run, const checkpoint_progress *at, int keep,
                             int keep_best);

/* Held until the process ends, however it ends. Start from {0}. Its file says who holds it, and
 * is empty when that one has given it back: with anything else there, and no lock, the process
 * was killed (scripts/run.sh looks). */
typedef struct run_lock {
    bool held;
    int descriptor;
} run_lock;

/* Make the folder and take its lock. STATUS_BUSY, naming host and process, when another
 * has it. A file system that cannot lock gives a warning. */
MUST_CHECK status run_lock_open(run_lock *out, const char *run);

/* Before anything is written to the run's folder: STATUS_IO when it is no longer the one
 * that was locked. */
MUST_CHECK status run_lock_check(const run_lock *lock, const char *run);

void run_lock_close(run_lock *lock); /* a zeroed one is fine */

#endif

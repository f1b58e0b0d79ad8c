/* writing.h - a checkpoint being written by a thread of its own, while training goes on.
 *
 * One at a time. A write that fails (STATUS_IO: a full disk, a shared file system that is away)
 * leaves what was there as it was, and is tried again after 1, 2, 4 ... at most 60 seconds,
 * until checkpoint.retry_seconds have passed since it failed first. Each failure is a warning
 * in the log; what was saved is a line, with how long it took and how long training waited.
 */
#ifndef TRAIN_WRITING_H
#define TRAIN_WRITING_H

#include <pthread.h>
#include <stdbool.h>

#include "lockstep/checkpoint/run.h"
#include "lockstep/config/config.h"

/* What is written where. All is borrowed until the write has ended. */
typedef struct writing_order {
    const checkpoint_content *content;
    const config *config;
    const run_lock *lock;
    double delay; /* seconds that training has waited for this checkpoint, for the log */
} writing_order;

/* Start from {0}. */
typedef struct writing {
    writing_order order;
    bool going; /* begun, and not ended yet */
    pthread_t thread;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t changed;
    bool hurry; /* no more pauses */
    bool over, failed;
    status result;
    char message[1024]; /* of a failure */
} writing;

/* Begin to write. Nothing may be going on. STATUS_NOMEM when there can be no thread. */
MUST_CHECK status writing_begin(writing *w, writing_order order);

/* Has it failed for good? To be asked at any time; a zeroed one has not. */
bool writing_failed(writing *w);

/* Wait until it is written or has failed. With `hurry`, or when a signal has asked this process
 * to stop, a pause ends at once, and what then fails has failed for good. Fine when nothing is
 * going on. */
MUST_CHECK status writing_end(writing *w, bool hurry);

/* The same in a hurry, where another failure is on its way: this one is a warning. */
void writing_close(writing *w);

#endif

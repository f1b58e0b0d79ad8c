/* io_thread.h - the one thread of this process that makes every HDF5 call.
 *
 * HDF5 is not thread-safe as it is built, and a slow disk must not be allowed to
 * run inside a compute thread's caches. Jobs are done one after another in the
 * order they were asked for. The thread is started by the first job and sees no
 * signals.
 */
#ifndef STORE_IO_THREAD_H
#define STORE_IO_THREAD_H

#include "lockstep/base/status.h"

typedef status (*io_job)(void *request);

/* Do `job` on the I/O thread and wait for it. Its status and its message become
 * the caller's. Must not be called from a job. */
MUST_CHECK status io_run(io_job job, void *request);

#endif

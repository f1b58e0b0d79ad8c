/* thread.h - a thread that works beside those that compute. */
#ifndef LOCKSTEP_BASE_THREAD_H
#define LOCKSTEP_BASE_THREAD_H

#include <pthread.h>

#include "lockstep/base/status.h"

/* Start `work`. It sees no signals but those that it brings on itself (SIGSEGV and its like), and
 * may run on all cores of affinity_allowed, not only on those that this process is bound to.
 * `*out` is owned: pthread_join or pthread_detach. STATUS_NOMEM when there can be no more. */
MUST_CHECK status thread_start(pthread_t *out, void *(*work)(void *), void *context);

#endif

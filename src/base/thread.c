/* thread.c - a thread that works beside those that compute. */
#define _DEFAULT_SOURCE /* pthread_sigmask */
#include "lockstep/base/thread.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "lockstep/base/affinity.h"

/* Inherited by who is started meanwhile; `before` is what was. */
static void block_signals(sigset_t *before)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    sigset_t all;

    sigfillset(&all);
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        sigdelset(&all, own[i]);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

status thread_start(pthread_t *out, void *(*work)(void *), void *context)
{
    affinity allowed = affinity_allowed();
    sigset_t before;

    block_signals(&before);
    int why = pthread_create(out, NULL, work, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (why != 0)
        return fail(STATUS_NOMEM, "cannot start a thread: %s", strerror(why));
    affinity_bind(*out, &allowed);
    return STATUS_OK;
}

/* ticker.c - a thread that does a little again and again while this rank is busy. */
#include "ticker.h"

#include <time.h>

#include "lockstep/base/thread.h"

static const long period = 250000000; /* nanoseconds */

/* False when it is over. */
static bool pause_ticking(ticker *t)
{
    struct timespec until;
    int code = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += period;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&t->lock);
    while (!t->over && code == 0)
        code = pthread_cond_timedwait(&t->ended, &t->lock, &until);
    bool over = t->over;
    pthread_mutex_unlock(&t->lock);
    return !over;
}

static void *work(void *context)
{
    ticker *t = context;

    do
        t->tick(t->context);
    while (pause_ticking(t));
    return NULL;
}

void ticker_begin(ticker *out, void (*tick)(void *context), void *context)
{
    *out = (ticker){.tick = tick, .context = context};
    pthread_mutex_init(&out->lock, NULL);
    pthread_cond_init(&out->ended, NULL);
    out->runs = thread_start(&out->thread, work, out) == STATUS_OK;
}

void ticker_end(ticker *t)
{
    pthread_mutex_lock(&t->lock);
    t->over = true;
    pthread_cond_signal(&t->ended);
    pthread_mutex_unlock(&t->lock);
    if (t->runs)
        pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->ended);
    pthread_mutex_destroy(&t->lock);
}

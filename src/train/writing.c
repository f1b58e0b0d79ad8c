/* writing.c - a checkpoint being written by a thread of its own, while training goes on. */
#include "writing.h"

#include <stdio.h>
#include <time.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/log.h"
#include "lockstep/base/stop.h"
#include "lockstep/base/thread.h"

enum { LONGEST_PAUSE = 60 };

/* Of one checkpoint; each part is done once. */
typedef struct attempt {
    double begun, failed; /* when; `failed`: for the first time, 0: not yet */
    int tries;
    bool saved;
} attempt;

static status save(const writing_order *o, attempt *a)
{
    const checkpoint_progress *at = &o->content->progress;
    const config *c = o->config;
    char path[FILE_PATH_MAX];

    TRY(run_lock_check(o->lock, c->run.folder));
    TRY(run_checkpoint_path(path, c->run.folder, at->step));
    if (!a->saved) {
        TRY(checkpoint_save(path, o->content));
        a->saved = true;
        log_line("step %lld  saved %s (%.2f s, of which training waited %.2f s)",
                 (long long)at->step, path, clock_seconds() - a->begun + o->delay, o->delay);
    }
    return run_rotate(c->run.folder, at, c->checkpoint.keep, c->checkpoint.keep_best);
}

static bool is_hurried(writing *w)
{
    pthread_mutex_lock(&w->lock);
    bool hurry = w->hurry;
    pthread_mutex_unlock(&w->lock);
    return hurry;
}

/* With the lock held, until `*flag` or the time is over. */
static void wait_for(writing *w, const bool *flag, int seconds)
{
    struct timespec until;
    int code = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    while (!*flag && code == 0)
        code = pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

/* The write failed: wait for the next try, and say whether there is one. */
static bool try_again(writing *w, attempt *a)
{
    const checkpoint_progress *at = &w->order.content->progress;
    double now = clock_seconds(), most = w->order.config->checkpoint.retry_seconds;
    int seconds = a->tries < 6 ? 1 << a->tries : LONGEST_PAUSE;

    a->tries++;
    a->failed = a->failed > 0.0 ? a->failed : now;
    if (now - a->failed >= most || is_hurried(w))
        return false;
    log_warning("step %lld is not saved: %s; training goes on, and it is tried again in %d s "
                "(for %.0f s: checkpoint.retry_seconds)",
                (long long)at->step, error_message(), seconds, most);
    pthread_mutex_lock(&w->lock);
    wait_for(w, &w->hurry, seconds);
    pthread_mutex_unlock(&w->lock);
    return true;
}

static void *work(void *context)
{
    writing *w = context;
    attempt a = {.begun = clock_seconds()};
    status result;

    do
        result = save(&w->order, &a);
    while (result == STATUS_IO && try_again(w, &a));
    pthread_mutex_lock(&w->lock);
    w->result = result;
    w->failed = result != STATUS_OK;
    if (w->failed)
        snprintf(w->message, sizeof(w->message), "%s", error_message());
    w->over = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

status writing_begin(writing *w, writing_order order)
{
    CHECK(!w->going);
    *w = (writing){.order = order};
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    TRY(thread_start(&w->thread, work, w));
    w->going = true;
    return STATUS_OK;
}

bool writing_failed(writing *w)
{
    if (!w->going)
        return false;
    pthread_mutex_lock(&w->lock);
    bool failed = w->failed;
    pthread_mutex_unlock(&w->lock);
    return failed;
}

static void await_end(writing *w, bool hurry)
{
    pthread_mutex_lock(&w->lock);
    while (!w->over) {
        w->hurry = hurry || stop_peek() != 0;
        pthread_cond_broadcast(&w->changed);
        wait_for(w, &w->over, 1);
    }
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    w->going = false;
}

status writing_end(writing *w, bool hurry)
{
    if (!w->going)
        return STATUS_OK;
    await_end(w, hurry);
    if (w->result != STATUS_OK)
        return fail(w->result, "%s", w->message);
    return STATUS_OK;
}

void writing_close(writing *w)
{
    if (!w->going)
        return;
    await_end(w, true);
    if (w->failed)
        log_warning("%s", w->message);
}

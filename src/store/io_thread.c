/* io_thread.c - the one thread of this process that makes every HDF5 call. */
#include "io_thread.h"

#include <hdf5.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "lockstep/base/thread.h"

enum { MESSAGE_MAX = 2048 };

/* A job that waits or runs; it lives on its caller's stack. */
typedef struct job {
    io_job run;
    void *request;
    status result;
    char message[MESSAGE_MAX];
    bool done;
    struct job *next;
} job;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t asked, answered;
    job *first, *last;
    bool started;
    pthread_t self;
} thread = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .asked = PTHREAD_COND_INITIALIZER,
            .answered = PTHREAD_COND_INITIALIZER};

static job *take(void)
{
    pthread_mutex_lock(&thread.lock);
    while (thread.first == NULL)
        pthread_cond_wait(&thread.asked, &thread.lock);
    job *next = thread.first;
    thread.first = next->next;
    pthread_mutex_unlock(&thread.lock);
    return next;
}

static void answer(job *finished)
{
    pthread_mutex_lock(&thread.lock);
    finished->done = true;
    pthread_cond_broadcast(&thread.answered);
    pthread_mutex_unlock(&thread.lock);
}

static void *serve(void *unused)
{
    (void)unused;
    /* A file that a full disk left open must not be flushed again at exit. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* our messages, not its stack */
    for (;;) {
        job *next = take();

        next->result = next->run(next->request);
        if (next->result != STATUS_OK)
            snprintf(next->message, sizeof(next->message), "%s", error_message());
        answer(next);
    }
    return NULL;
}

static status ask_and_wait(job *mine)
{
    if (!thread.started) {
        TRY(thread_start(&thread.self, serve, NULL));
        pthread_detach(thread.self);
        thread.started = true;
    }
    CHECK(!pthread_equal(pthread_self(), thread.self));
    if (thread.first == NULL)
        thread.first = mine;
    else
        thread.last->next = mine;
    thread.last = mine;
    pthread_cond_signal(&thread.asked);
    while (!mine->done)
        pthread_cond_wait(&thread.answered, &thread.lock);
    return STATUS_OK;
}

status io_run(io_job run, void *request)
{
    job mine = {.run = run, .request = request};

    pthread_mutex_lock(&thread.lock);
    status asked = ask_and_wait(&mine);
    pthread_mutex_unlock(&thread.lock);
    TRY(asked);
    if (mine.result != STATUS_OK)
        return fail(mine.result, "%s", mine.message);
    return STATUS_OK;
}

/* courier.c - a thread that moves an exchange's messages and adds what they bring. */
#include "courier.h"

#include <sched.h>
#include <time.h>

#include "lockstep/base/thread.h"
#include "private.h"

/* Between looks at messages: the cores are for others. */
static const struct timespec nap = {.tv_nsec = 20000};

/* Only the courier makes counters rise: what it sees here stays so until it goes on. */
static bool is_awaited(const courier *c)
{
    const atomic_int *counter = c->counter;

    return counter != NULL && *counter < c->wanted;
}

/* One look. Is anything under way? */
static bool look(struct exchange *x)
{
    courier *c = &x->courier;

    pthread_mutex_lock(&c->lock);
    carry(x);
    bool flying = is_flying(x), awaited = flying && is_awaited(c);
    if (awaited)
        await_any(x);
    pthread_mutex_unlock(&c->lock);
    if (flying && !awaited)
        nanosleep(&nap, NULL);
    return flying;
}

static void *work(void *exchange)
{
    struct exchange *x = exchange;

    while (!x->courier.over)
        if (!look(x))
            sem_wait(&x->courier.called);
    return NULL;
}

status courier_begin(struct exchange *x)
{
    courier *c = &x->courier;

    pthread_mutex_init(&c->lock, NULL);
    sem_init(&c->called, 0, 0);
    TRY(thread_start(&c->thread, work, x));
    c->runs = true;
    return STATUS_OK;
}

void courier_end(struct exchange *x)
{
    courier *c = &x->courier;

    if (!c->runs)
        return;
    c->over = true;
    courier_call(x);
    pthread_join(c->thread, NULL);
    sem_destroy(&c->called);
    pthread_mutex_destroy(&c->lock);
    c->runs = false;
}

void courier_call(struct exchange *x)
{
    sem_post(&x->courier.called);
}

void courier_hold(struct exchange *x)
{
    if (x->courier.runs)
        pthread_mutex_lock(&x->courier.lock);
}

void courier_release(struct exchange *x)
{
    if (x->courier.runs)
        pthread_mutex_unlock(&x->courier.lock);
}

void courier_wait(struct exchange *x, const atomic_int *counter, int wanted)
{
    courier *c = &x->courier;

    courier_hold(x);
    c->wanted = wanted;
    c->counter = counter;
    courier_release(x);
    while (*counter < wanted)
        sched_yield();
    c->counter = NULL;
}

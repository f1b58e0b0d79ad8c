/* portion_ahead.c - a thread that reads a window while another one is used. */
#include "portion_ahead.h"

#include <stdio.h>

#include "lockstep/base/thread.h"

static void *work(void *context)
{
    portion_ahead *a = context;

    a->result = portion_open(a->into, a->epoch, a->number);
    if (a->result != STATUS_OK)
        snprintf(a->message, sizeof(a->message), "%s", error_message());
    return NULL;
}

void portion_ahead_begin(portion_ahead *a, portion *into, int64_t epoch, int64_t number)
{
    CHECK(!a->begun);
    a->into = into;
    a->epoch = epoch;
    a->number = number;
    a->begun = thread_start(&a->thread, work, a) == STATUS_OK;
}

bool portion_ahead_has(const portion_ahead *a, int64_t epoch, int64_t number)
{
    return a->begun && a->epoch == epoch && a->number == number;
}

static void wait_for_thread(portion_ahead *a)
{
    pthread_join(a->thread, NULL);
    a->begun = false;
}

status portion_ahead_end(portion_ahead *a)
{
    CHECK(a->begun);
    wait_for_thread(a);
    return a->result == STATUS_OK ? STATUS_OK : fail(a->result, "%s", a->message);
}

void portion_ahead_drop(portion_ahead *a)
{
    if (!a->begun)
        return;
    atomic_store(&a->into->window.given_up, true);
    wait_for_thread(a);
    atomic_store(&a->into->window.given_up, false);
}

/* test_thread.c - a thread that signals pass by, on all cores. */
#define _GNU_SOURCE
#include "lockstep/base/thread.h"

#include <sched.h>
#include <signal.h>
#include <stdbool.h>

#include "lockstep/base/affinity.h"
#include "unit_check.h"

/* What a thread finds. */
typedef struct findings {
    sigset_t blocked;
    bool is_let_go;
    affinity cores;
} findings;

static void *look(void *context)
{
    findings *f = context;
    affinity allowed = affinity_allowed();

    pthread_sigmask(SIG_BLOCK, NULL, &f->blocked);
    /* Its maker binds it, perhaps when it runs already. */
    for (int i = 0; i < 1000 && !f->is_let_go; i++) {
        sched_yield();
        f->cores = affinity_get(0);
        f->is_let_go = affinity_within(&allowed, &f->cores);
    }
    return NULL;
}

/* Bind this process to the first of its cores. */
static void bind_to_one(void)
{
    affinity one = affinity_get(0);
    bool found = false;

    for (int core = 0; core < AFFINITY_CORES; core++) {
        uint64_t bit = (uint64_t)1 << core % 64;

        if (found)
            one.cores[core / 64] &= ~bit;
        found = found || (one.cores[core / 64] & bit) != 0;
    }
    affinity_bind(pthread_self(), &one);
    affinity now = affinity_get(0);
    ck_assert_int_eq(affinity_count(&now), 1);
}

START_TEST(no_signal_and_all_cores)
{
    findings f = {.is_let_go = false};
    pthread_t thread;
    sigset_t before, after;

    bind_to_one();
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    ck_assert_int_eq(thread_start(&thread, look, &f), STATUS_OK);
    pthread_join(thread, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    ck_assert(f.is_let_go);
    for (int number = 1; number < 32; number++)
        ck_assert_int_eq(sigismember(&before, number), sigismember(&after, number));
    ck_assert(sigismember(&f.blocked, SIGTERM) && sigismember(&f.blocked, SIGUSR1));
    ck_assert(!sigismember(&f.blocked, SIGSEGV) && !sigismember(&f.blocked, SIGABRT));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/thread");
    TCase *tests = tcase_create("thread");

    tcase_add_test(tests, no_signal_and_all_cores);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

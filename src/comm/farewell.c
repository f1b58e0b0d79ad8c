/* farewell.c - the last words of a rank that ends before its job does.
 *
 * A handler is handed nothing that it could work with, and may do next to nothing: its
 * words are written down beforehand.
 */
#define _DEFAULT_SOURCE /* on_exit */
#include "farewell.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/base/log.h"

enum { WORDS = 400 };

static struct ending {
    int number;
    const char *name;
    char words[WORDS];
    int length;
    struct sigaction before;
} endings[] = {{.number = SIGSEGV, .name = "segmentation fault"},
               {.number = SIGBUS, .name = "bus error"},
               {.number = SIGFPE, .name = "arithmetic error"},
               {.number = SIGILL, .name = "illegal instruction"},
               {.number = SIGABRT, .name = "aborted"}};

enum { ENDINGS = sizeof(endings) / sizeof(*endings) };

static char speaker[WORDS];  /* "rank 1 (host a)" */
static atomic_bool is_ready; /* to speak, once */

/* ---- signals ---- */

/* Threads may come to the same end together. */
static void speak(int number, siginfo_t *cause, void *unused)
{
    bool first = atomic_exchange(&is_ready, false);

    (void)unused;
    for (int i = 0; i < ENDINGS; i++) {
        struct ending *e = &endings[i];

        if (e->number != number)
            continue;
        if (first && write(STDERR_FILENO, e->words, (size_t)e->length) < 0)
            first = false; /* nobody listens */
        sigaction(number, &e->before, NULL);
        /* What the processor refused is tried again; what was sent must be sent again, and is
         * held back until this handler has returned. */
        if (cause->si_code <= 0)
            raise(number);
    }
}

static void listen(struct ending *e)
{
    struct sigaction action = {.sa_sigaction = speak, .sa_flags = SA_SIGINFO};

    e->length = snprintf(e->words, sizeof(e->words),
                         "lockstep: error: %s: %s (signal %d); the job ends\n", speaker,
                         e->name, e->number);
    sigemptyset(&action.sa_mask);
    sigaction(e->number, &action, &e->before);
}

/* ---- exit ---- */

static void speak_at_exit(int code, void *unused)
{
    (void)unused;
    if (atomic_exchange(&is_ready, false))
        log_error("%s: ends with exit status %d before the job is done", speaker, code);
}

/* ---- both ---- */

void farewell_begin(int rank, const char *host)
{
    snprintf(speaker, sizeof(speaker), "rank %d (host %.256s)", rank, host);
    for (int i = 0; i < ENDINGS; i++)
        listen(&endings[i]);
    on_exit(speak_at_exit, NULL);
    atomic_store(&is_ready, true);
}

void farewell_end(void)
{
    atomic_store(&is_ready, false);
}

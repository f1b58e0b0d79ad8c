/* stop.c - the stop flag: a signal asks, every long loop looks. */
#include "lockstep/base/stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* What people, terminals and batch systems send before they end a process. */
static const int asking[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};

static atomic_int asked; /* other threads look, too */
static atomic_ulong looks;
static bool ignored;                  /* SIGHUP was, at the start */
static volatile sig_atomic_t relayed; /* SIGUSR2: nobody reads the output any more */

/* What ends this process often ends its readers too (`| tee log` in a terminal): without
 * them it must still get as far as saving. */
static void ask(int number)
{
    if (asked == 0)
        asked = number == SIGUSR2 && relayed ? SIGPIPE : number;
    signal(SIGPIPE, SIG_IGN);
}

static void listen(int number)
{
    /* No SA_RESTART: a read that waits for a terminal or a pipe must return. */
    struct sigaction action = {.sa_handler = ask};

    sigemptyset(&action.sa_mask);
    if (number == SIGINT || number == SIGQUIT) /* the second one finds the default */
        action.sa_flags = (int)SA_RESETHAND;
    if (number == SIGHUP && ignored) /* nohup */
        action.sa_handler = SIG_IGN;
    sigaction(number, &action, NULL);
}

void stop_note(void)
{
    struct sigaction now;

    ignored = sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void stop_open(void)
{
    if (!ignored)
        stop_note();
    relayed = getenv("LOCKSTEP_RELAY") != NULL;
    for (size_t i = 0; i < sizeof(asking) / sizeof(*asking); i++)
        listen(asking[i]);
}

void stop_ignore_pipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

int stop_signal(void)
{
    atomic_fetch_add_explicit(&looks, 1, memory_order_relaxed);
    return asked;
}

int stop_peek(void)
{
    return asked;
}

unsigned long stop_looks(void)
{
    return atomic_load_explicit(&looks, memory_order_relaxed);
}

void stop_set(int signal)
{
    asked = signal;
}

/* stop.c - the stop flag: a signal asks, every long loop looks. */
#include "lockstep/base/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t asked;

static void ask(int signal)
{
    if (asked == 0)
        asked = signal;
}

void stop_open(void)
{
    /* No SA_RESTART: a read that waits for a terminal or a pipe must return. */
    struct sigaction action = {.sa_handler = ask};

    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_flags = (int)SA_RESETHAND; /* the second one finds the default */
    sigaction(SIGINT, &action, NULL);
}

void stop_ignore_pipe(void)
{
    signal(SIGPIPE, SIG_IGN);
}

int stop_signal(void)
{
    return asked;
}

void stop_set(int signal)
{
    asked = signal;
}

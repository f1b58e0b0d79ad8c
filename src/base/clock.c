/* clock.c - time that never goes backwards, and the time of day. */
#include "lockstep/base/clock.h"

#include <stdio.h>
#include <time.h>

static double read_clock(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double clock_seconds(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double clock_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

double clock_processor_seconds(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void clock_text(double seconds, char out[32])
{
    if (!(seconds >= 0 && seconds < 1e12)) {
        snprintf(out, 32, "?");
        return;
    }
    long long total = (long long)(seconds + 0.5);

    if (total >= 3600)
        snprintf(out, 32, "%lldh %02lldm", total / 3600, total / 60 % 60);
    else if (total >= 60)
        snprintf(out, 32, "%lldm %02llds", total / 60, total % 60);
    else
        snprintf(out, 32, "%llds", total);
}

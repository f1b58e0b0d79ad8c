/* clock.c - time that never goes backwards. */
#include "lockstep/base/clock.h"

#include <stdio.h>
#include <time.h>

double clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
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

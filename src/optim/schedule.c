/* schedule.c - the learning rate as a function of the step. */
#include "lockstep/optim/schedule.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static double constant(const schedule_settings *settings, int64_t step)
{
    (void)step;
    return settings->peak;
}

static double inverse_sqrt(const schedule_settings *settings, int64_t step)
{
    double warmup = settings->warmup > 0 ? (double)settings->warmup : 1.0;
    double now = (double)step;

    return settings->peak * fmin(now / warmup, sqrt(warmup / now));
}

static const schedule schedules[] = {
    {"constant", constant},
    {"inverse_sqrt", inverse_sqrt},
};

const schedule *schedule_find(const char *name)
{
    for (size_t i = 0; i < sizeof(schedules) / sizeof(*schedules); i++)
        if (strcmp(schedules[i].name, name) == 0)
            return &schedules[i];
    return NULL;
}

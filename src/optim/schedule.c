/* schedule.c - the learning rate as a function of the step. */
#include "lockstep/optim/schedule.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

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

/* ---- a warm-up, then `fallen` or the floor ---- */

static double after_warmup(const schedule_settings *settings, int64_t step, double fallen)
{
    double rate = fmax(fallen, settings->floor);

    if (step >= settings->warmup)
        return rate;
    return fmin(rate, settings->peak * ((double)step / (double)settings->warmup));
}

/* Steps since the warm-up. */
static double since(const schedule_settings *settings, int64_t step)
{
    return step > settings->warmup ? (double)(step - settings->warmup) : 0.0;
}

/* `left` goes from 1 to 0 between peak and floor. */
static double between(const schedule_settings *settings, int64_t step, double left)
{
    return after_warmup(settings, step,
                        settings->floor + (settings->peak - settings->floor) * left);
}

/* How much of the way from the warm-up's end to `until` is done. */
static double done(const schedule_settings *settings, int64_t step)
{
    return fmin(since(settings, step) / (double)(settings->until - settings->warmup), 1.0);
}

static double linear(const schedule_settings *settings, int64_t step)
{
    return between(settings, step, 1.0 - done(settings, step));
}

static double cosine(const schedule_settings *settings, int64_t step)
{
    return between(settings, step, (1.0 + cos(PI * done(settings, step))) / 2.0);
}

static double decayed(const schedule_settings *settings, int64_t step, double times)
{
    return after_warmup(settings, step, settings->peak * pow(settings->decay, times));
}

static double exponential(const schedule_settings *settings, int64_t step)
{
    return decayed(settings, step, since(settings, step) / (double)settings->every);
}

static double steps(const schedule_settings *settings, int64_t step)
{
    return decayed(settings, step, floor(since(settings, step) / (double)settings->every));
}

static double on_plateaus(const schedule_settings *settings, int64_t step)
{
    return decayed(settings, step, (double)settings->cuts);
}

static const schedule schedules[] = {
    {"constant", constant},   {"inverse_sqrt", inverse_sqrt}, {"linear", linear},
    {"cosine", cosine},       {"exponential", exponential},   {"steps", steps},
    {"plateau", on_plateaus},
};

const schedule *schedule_find(const char *name)
{
    for (size_t i = 0; i < sizeof(schedules) / sizeof(*schedules); i++)
        if (strcmp(schedules[i].name, name) == 0)
            return &schedules[i];
    return NULL;
}

/* forecast.c - how long a training step takes on hosts that are not there. */
#include "lockstep/scaling/forecast.h"

#include <math.h>

#include "lockstep/base/memory.h"
#include "replay.h"

/* Collective calls of a step that carry next to nothing: whether all have a batch, the norm,
 * whether a signal has come. */
enum { AGREEMENTS = 3 };

double expected_largest(int count)
{
    const double end = 9.0, step = 1e-3, root = sqrt(0.5);
    double sum = 0.0;

    /* The integral of 1 - F^n above 0, less that of F^n below. */
    for (double x = step / 2; count > 1 && x < end; x += step)
        sum +=
            step * (1.0 - pow(0.5 * erfc(-x * root), count) - pow(0.5 * erfc(x * root), count));
    return sum;
}

/* Up a tree of ranks and down again; between hosts, if there are any. */
static double agreement(const forecast_settings *s)
{
    double levels = ceil(log2(s->hosts)), inner = ceil(log2(s->ranks_a_host));
    const network_way *between = &s->network->between, *within = &s->network->within;

    return AGREEMENTS * (levels * (between->latency + 2.0 * between->message) +
                         inner * (within->latency + 2.0 * within->message));
}

static void add_up(forecast *out, const recording *r, const forecast_settings *s)
{
    out->agreeing = agreement(s);
    out->slowest = expected_largest(s->hosts * s->ranks_a_host) * r->deviation * out->computing;
    out->seconds = out->computing + out->messages + out->waiting + out->agreeing + out->slowest;
}

static status with_parameters(forecast *out, const recording *r, const forecast_settings *s,
                              const parameters *p)
{
    schedule_settings settings = {
        .hosts = s->hosts, .ranks_a_host = s->ranks_a_host, .exchange = s->exchange};
    double *filled = memory_create((size_t)r->tensor_count * PARAMETER_USES, sizeof(*filled));
    schedule *schedule = NULL;
    status done = STATUS_OK;

    if (filled == NULL)
        return fail(STATUS_NOMEM, "forecast of %d tensors", r->tensor_count);
    for (int i = 0; i < r->tensor_count; i++)
        for (int use = 0; use < r->tensors[i].uses; use++)
            filled[i * PARAMETER_USES + use] = r->tensors[i].filled[use];
    settings.filled = filled;
    settings.exchange.half = r->half;
    done = schedule_create(&schedule, p, &settings);
    if (done == STATUS_OK)
        done = replay_run(out, r, s, schedule);
    if (done == STATUS_OK)
        schedule_text(schedule, out->route);
    schedule_destroy(schedule);
    memory_destroy(filled);
    return done;
}

status forecast_make(forecast *out, const recording *r, const forecast_settings *s)
{
    parameters p;

    *out = (forecast){.seconds = 0.0};
    parameters_init(&p);
    status done = recording_register(r, &p);
    if (done == STATUS_OK)
        done = parameters_allocate(&p, 0);
    if (done == STATUS_OK)
        done = with_parameters(out, r, s, &p);
    if (done == STATUS_OK)
        add_up(out, r, s);
    parameters_free(&p);
    return done;
}

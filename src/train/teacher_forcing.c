/* teacher_forcing.c - e(step), the share of the truth. */
#include "teacher_forcing.h"

#include <math.h>

#include "lockstep/config/config.h"

static double at_least(double floor, double value)
{
    return value > floor ? value : floor;
}

/* k / (k + exp(i / k)), divided by exp(i / k) so that nothing grows beyond all bounds. */
static double inverse_sigmoid(double k, double i)
{
    double small = k * exp(-i / k);

    return small / (small + 1.0);
}

double teacher_forcing_rate(const teacher_forcing *f, int64_t done)
{
    double i = (double)(done - f->start);

    if (done < f->start)
        return 1.0;
    switch (f->schedule) {
    case FORCING_CONSTANT:
        return f->value;
    case FORCING_LINEAR:
        return at_least(f->floor, f->value - f->decay * i);
    case FORCING_EXPONENTIAL:
        return at_least(f->floor, pow(f->decay, i));
    case FORCING_INVERSE_SIGMOID:
        return at_least(f->floor, inverse_sigmoid(f->k, i));
    default:
        return 1.0;
    }
}

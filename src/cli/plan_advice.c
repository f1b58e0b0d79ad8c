/* plan_advice.c - what hosts do better where messages take much of the processor. */
#include "plan_advice.h"

#include "lockstep/scaling/job.h"

/* Seconds of a step with so many ranks in the place of one. */
static status reckon(double *out, const plan_question *q, const plan_row *row, int split,
                     bool courier)
{
    const recording *from = row->from;
    forecast f;
    forecast_settings settings = {.network = q->network,
                                  .hosts = row->hosts,
                                  .ranks_a_host = row->ranks / row->hosts * split,
                                  .exchange = job_exchange(q->config, row->grains, from->half),
                                  .slowdown = (double)row->share / from->grains / q->faster,
                                  .split = split};

    settings.exchange.courier |= courier;
    TRY(forecast_make(&f, from, &settings));
    *out = f.seconds;
    return STATUS_OK;
}

static bool can_split(const plan_question *q, const plan_row *row, int split)
{
    return row->share % split == 0 && row->ranks * split <= row->grains &&
           split <= row->threads * q->faster;
}

status plan_advice_make(plan_advice *out, const plan_question *q, const plan_row *row)
{
    double least = row->step.seconds, seconds;

    *out = (plan_advice){.ranks = row->ranks / row->hosts};
    if (!plan_row_is_busy(row))
        return STATUS_OK;
    for (int split = 2; can_split(q, row, split); split *= 2) {
        TRY(reckon(&seconds, q, row, split, false));
        if (seconds >= least)
            continue;
        least = out->with_ranks = seconds;
        out->ranks = row->ranks / row->hosts * split;
    }
    TRY(reckon(&seconds, q, row, 1, true));
    out->with_courier = seconds < row->step.seconds ? seconds : 0.0;
    return STATUS_OK;
}

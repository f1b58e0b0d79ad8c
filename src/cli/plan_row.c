/* plan_row.c - a forecast for a number of hosts. */
#include "plan_row.h"

#include "lockstep/scaling/job.h"

static const double good = 0.95; /* efficiency from which on nothing limits much */
static const char busy[] = "the processor's work for messages";

typedef struct loss {
    double seconds;
    const char *name;
} loss;

static const char *find_limit(const plan_row *row, const plan_row *one, bool weak)
{
    const forecast *f = &row->step;
    double ideal = one->step.computing / (weak ? 1 : row->hosts);
    const loss losses[] = {{f->computing - ideal, "small shares of the batch"},
                           {f->messages, busy},
                           {f->waiting, "the network"},
                           {f->agreeing, "the network's latency"},
                           {f->slowest, "the slowest rank"}};
    const loss *most = &losses[0];

    for (size_t i = 1; i < sizeof(losses) / sizeof(*losses); i++)
        if (losses[i].seconds > most->seconds)
            most = &losses[i];
    return row->efficiency < good ? most->name : NULL;
}

static void rate(plan_row *row, const plan_question *q, const plan_row *one)
{
    const recording *r = row->from;

    row->rate = r->tokens / r->grains * row->grains / row->step.seconds;
    row->to_the_end = row->step.seconds * (double)q->config->training.steps;
    row->efficiency = one != NULL ? row->rate / (one->rate * row->hosts) : 1.0;
    row->limit = one != NULL ? find_limit(row, one, q->weak) : NULL;
}

status plan_row_make(plan_row *out, const plan_question *q, const recording *kind, int hosts,
                     const plan_row *one)
{
    const config *c = q->config;
    int share = job_share(c, q->weak, hosts, kind->ranks);
    const recording *from =
        recording_nearest(q->recordings, q->count, kind->ranks, kind->threads, share);
    forecast_settings settings = {.network = q->network,
                                  .hosts = hosts,
                                  .ranks_a_host = kind->ranks,
                                  .slowdown = (double)share / from->grains / q->faster};

    *out = (plan_row){.from = from,
                      .hosts = hosts,
                      .ranks = hosts * kind->ranks,
                      .threads = kind->threads,
                      .share = share,
                      .grains = job_grains(c, q->weak, hosts, kind->ranks),
                      .scaled = share != from->grains};
    settings.exchange = job_exchange(c, out->grains, from->half);
    TRY(forecast_make(&out->step, from, &settings));
    rate(out, q, one);
    return STATUS_OK;
}

bool plan_row_is_busy(const plan_row *row)
{
    return row->limit == busy;
}

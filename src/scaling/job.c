/* job.c - what a configuration means for the exchange of a job. */
#include "lockstep/scaling/job.h"

static const exchange_route routes[] = {[EXCHANGE_AUTO] = ROUTE_AUTO,
                                        [EXCHANGE_DIRECT] = ROUTE_DIRECT,
                                        [EXCHANGE_HALVING] = ROUTE_HALVING,
                                        [EXCHANGE_HOSTS] = ROUTE_HOSTS};

exchange_settings job_exchange(const config *c, int grains, bool half)
{
    return (exchange_settings){.grains = grains,
                               .bucket_bytes = (size_t)c->distributed.bucket_bytes,
                               .accumulate = c->batch.accumulate > 1,
                               .half = half,
                               .courier = c->distributed.courier,
                               .route = routes[c->distributed.exchange]};
}

int job_share(const config *c, bool weak, int hosts, int ranks_a_host)
{
    int ranks = weak ? ranks_a_host : hosts * ranks_a_host;

    return (c->batch.grains + ranks - 1) / ranks;
}

int job_grains(const config *c, bool weak, int hosts, int ranks_a_host)
{
    return weak ? job_share(c, weak, hosts, ranks_a_host) * ranks_a_host * hosts
                : c->batch.grains;
}

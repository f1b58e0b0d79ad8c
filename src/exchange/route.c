/* route.c - which stages the ranks go through. */
#include "route.h"

#include <math.h>

#include "lockstep/base/memory.h"

/* A stage for each prime factor, the small ones first: between neighbours, where most is
 * sent. */
static void add_primes(route *r, int number)
{
    for (int factor = 2; number > 1; factor++)
        for (; number % factor == 0; number /= factor)
            r->radices[r->count++] = factor;
}

static void add_radix(route *r, int number)
{
    if (number > 1)
        r->radices[r->count++] = number;
}

/* Ranks on each host, if they are as many on all of them and next to each other; else 0. */
static int ranks_a_host(const cargo *c)
{
    int size = 1;

    while (size < c->ranks && c->hosts[size] == c->hosts[0])
        size++;
    for (int rank = 0; rank < c->ranks; rank++)
        if (c->hosts[rank] != rank / size)
            return 0;
    return c->ranks % size == 0 ? size : 0;
}

static bool is_power_of_2(int number)
{
    return (number & (number - 1)) == 0;
}

static status by_hosts(route *out, const cargo *c)
{
    int size = ranks_a_host(c);

    if (size == 0)
        return fail(
            STATUS_CONFIG,
            "distributed.exchange: hosts needs as many ranks on each host, numbered one "
            "host after another, and these %d are not: start them so, or leave the "
            "choice to auto",
            c->ranks);
    add_radix(out, size);
    add_radix(out, c->ranks / size);
    return STATUS_OK;
}

static void try_route(route *best, double *least, const route *r, const cargo *c)
{
    double cost = route_cost(r, c);

    if (cost < *least) {
        *best = *r;
        *least = cost;
    }
}

/* Each to each or by prime factors; the same within hosts and between them. */
static void by_cost(route *out, const cargo *c)
{
    int size = ranks_a_host(c);
    int inner[2] = {1, size}, outer[2] = {c->ranks, size > 0 ? c->ranks / size : 0};
    double least = INFINITY;

    for (int level = 0; level < (size > 0 ? 2 : 1); level++)
        for (int way = 0; way < 4; way++) {
            route r = {.count = 0};

            (way & 1 ? add_primes : add_radix)(&r, inner[level]);
            (way & 2 ? add_primes : add_radix)(&r, outer[level]);
            try_route(out, &least, &r, c);
        }
}

status route_choose(route *out, exchange_route wanted, const cargo *c)
{
    *out = (route){.count = 0};
    switch (wanted) {
    case ROUTE_DIRECT:
        add_radix(out, c->ranks);
        return STATUS_OK;
    case ROUTE_HALVING:
        if (!is_power_of_2(c->ranks))
            return fail(STATUS_CONFIG,
                        "distributed.exchange: halving needs 2, 4, 8, ... ranks, and there are "
                        "%d: start so many, or leave the choice to auto",
                        c->ranks);
        add_primes(out, c->ranks);
        return STATUS_OK;
    case ROUTE_HOSTS:
        return by_hosts(out, c);
    case ROUTE_AUTO:
        by_cost(out, c);
        return STATUS_OK;
    }
    CHECK(false);
    return STATUS_OK;
}

status route_find(route *out, const exchange_settings *e, const buckets *plan,
                  const parameters *p, const int *hosts, int ranks)
{
    cargo c = {.hosts = hosts,
               .ranks = ranks,
               .grains = e->grains,
               .pieces = plan->pieces,
               .buckets = plan->count,
               .gradients = (double)p->gradient_floats,
               .values = (double)p->floats,
               .bytes_of_gradient = e->half ? 2 : 4};

    *out = (route){.count = e->stages};
    CHECK(e->radices == NULL || out->count <= STAGES_MOST);
    for (int s = 0; e->radices != NULL && s < out->count; s++)
        out->radices[s] = e->radices[s];
    if (e->radices != NULL)
        return STATUS_OK;
    c.sent = memory_create((size_t)ranks, sizeof(*c.sent));
    if (c.sent == NULL)
        return fail(STATUS_NOMEM, "hosts of %d ranks", ranks);
    status found = route_choose(out, e->route, &c);
    memory_destroy(c.sent);
    return found;
}

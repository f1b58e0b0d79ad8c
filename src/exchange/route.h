/* route.h - which stages the ranks go through (stages.h): as asked for, or as costs least. */
#ifndef LOCKSTEP_EXCHANGE_ROUTE_H
#define LOCKSTEP_EXCHANGE_ROUTE_H

#include "buckets.h"
#include "stages.h"

typedef struct route {
    int radices[STAGES_MOST];
    int count;
} route;

/* What there is to be carried, and between whom. */
typedef struct cargo {
    const int *hosts; /* [ranks]: a number for each host */
    int ranks, grains;
    int pieces;            /* of gradients */
    int buckets;           /* of values */
    double gradients;      /* floats of all pieces */
    double values;         /* floats */
    int bytes_of_gradient; /* 2 or 4 */
    double *sent;          /* [ranks], scratch */
} cargo;

/* STATUS_CONFIG where the ranks do not split as wanted. */
MUST_CHECK status route_choose(route *out, exchange_route wanted, const cargo *c);

/* The same for an exchange of these parameters, or its own `radices`, which are taken as they
 * are. */
MUST_CHECK status route_find(route *out, const exchange_settings *e, const buckets *plan,
                             const parameters *p, const int *hosts, int ranks);

/* Seconds that a step's messages take by this route, were nothing hidden behind computing
 * (route_cost.c). */
double route_cost(const route *r, const cargo *c);

#endif

/* costs.c - what a simulated rank has to do for its messages. The one file that knows
 * SimGrid beyond its MPI. */
#include "costs.h"

#include <simgrid/actor.h>
#include <stdbool.h>

#include "lockstep/comm/simulated.h"

static simulated_costs costs = {.ranks_a_host = 1};

/* Of the rank that is going on: it pays before it lets another one. */
static double owed;

void simulated_set_costs(const simulated_costs *given)
{
    costs = *given;
}

void simulated_pass(double seconds)
{
    double all = seconds + owed;

    owed = 0.0;
    if (all > 0.0)
        sg_actor_sleep_for(all);
}

void simulated_owe(double seconds)
{
    owed += seconds;
}

void costs_pay(void)
{
    simulated_pass(0.0);
}

void costs_pay_message(int rank, int peer, size_t bytes)
{
    bool same = rank / costs.ranks_a_host == peer / costs.ranks_a_host;
    const simulated_way *way = same ? &costs.within : &costs.between;

    simulated_pass(way->message + way->byte * (double)bytes);
}

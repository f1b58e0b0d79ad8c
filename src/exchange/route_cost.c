/* route_cost.c - what a step's messages cost by one route or another.
 *
 * A stage of a piece takes
 *
 *     latency + messages * overhead + bytes * per_byte + floats added * per_float,
 *
 * the constants being those of the host where all members of a group share one, and those of
 * the network where they do not; bytes that go over the network are those of all ranks of a
 * host, which share its cable. The slowest rank (host) counts. Of a piece with n floats a
 * rank holds n times its share of places before the stage, once for each node of its run of
 * grains, which are counted in the tree itself; of values there is one of all. Pieces hide
 * behind each other and behind computing, by all routes alike, so that the sum over all is
 * what is compared.
 *
 * Measured by tests/system/message_cost.c on two cores of an AMD Zen 3 with Open MPI 4.1.4:
 *     mpirun -n 2 message_cost                        within a host: shared memory
 *     mpirun -n 2 --mca btl tcp,self message_cost     TCP, without a cable and its latency
 * but for the network's bytes, which are those of a cable of 10 Gbit/s. On four virtual hosts
 * with cables of 1 Gbit/s and a rank each, 57 MB of gradients took 0.58 s each to each and
 * 0.75 s by halves; two ranks on each of two hosts took 0.67 s each to each and 0.34 s by
 * hosts. Whatever the constants are, the bits stay the same.
 */
#include "route.h"

typedef struct medium {
    double latency;  /* s, until a message that was sent is there */
    double overhead; /* s of the processor for a message, sent or received */
    double per_byte; /* s */
} medium;

static const medium within_host = {.latency = 0.8e-6, .overhead = 1.8e-6, .per_byte = 0.08e-9};
static const medium between_hosts = {.latency = 25e-6, .overhead = 5e-6, .per_byte = 0.8e-9};
static const double per_float = 0.14e-9; /* s, to add one */

/* What one rank has to do in a stage, for a float of a piece or for a piece. */
typedef struct load {
    double within, between; /* messages, sent and received */
    double inside, outside; /* nodes' shares that are sent: times floats of a piece */
    double added;           /* likewise */
} load;

/* One stage as route_cost goes through them. */
typedef struct leg {
    int stride, radix;
    bool gradients; /* nodes, not values */
} leg;

/* Nodes that neighbouring ranks [first, first + count) hold together. */
static int nodes_of(const cargo *c, int first, int count)
{
    int start, end, ignored;

    tree_split(c->grains, first, c->ranks, &start, &ignored);
    tree_split(c->grains, first + count - 1, c->ranks, &ignored, &end);
    return tree_nodes(c->grains, start, end);
}

static load load_of(const cargo *c, const leg *l, int rank)
{
    int size = l->stride * l->radix, first = rank / size * size,
        digit = rank / l->stride % l->radix;
    double share = 1.0 / size, held = 0.0;
    int own = l->gradients ? nodes_of(c, first + digit * l->stride, l->stride) : 1;
    load sum = {0};

    for (int m = 0; m < l->radix; m++) {
        int peer = rank + (m - digit) * l->stride;
        int theirs = l->gradients ? nodes_of(c, first + m * l->stride, l->stride) : 1;
        bool near = c->hosts[peer] == c->hosts[rank];

        held += theirs;
        if (m == digit)
            continue;
        *(near ? &sum.within : &sum.between) += own + theirs;
        *(near ? &sum.inside : &sum.outside) += own * share;
    }
    if (l->gradients)
        sum.added = (held - nodes_of(c, first, size)) * share;
    return sum;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The stage for `pieces` of together `floats`, `bytes` each. */
static double leg_cost(const cargo *c, const leg *l, double pieces, double floats, double bytes)
{
    double busy = 0.0, latency = within_host.latency, wire = 0.0;

    for (int rank = 0; rank < c->ranks; rank++)
        c->sent[c->hosts[rank]] = 0.0;
    for (int rank = 0; rank < c->ranks; rank++) {
        load sum = load_of(c, l, rank);

        if (sum.between > 0.0)
            latency = between_hosts.latency;
        busy = larger(busy, pieces * (sum.within * within_host.overhead +
                                      sum.between * between_hosts.overhead) +
                                floats * (sum.inside * bytes * within_host.per_byte +
                                          sum.added * per_float));
        c->sent[c->hosts[rank]] += floats * sum.outside * bytes;
        wire = larger(wire, c->sent[c->hosts[rank]]);
    }
    return pieces * latency + busy + wire * between_hosts.per_byte;
}

double route_cost(const route *r, const cargo *c)
{
    leg l = {.stride = 1};
    double sum = 0.0;

    for (int s = 0; s < r->count; s++) {
        l.radix = r->radices[s];
        l.gradients = true;
        sum += leg_cost(c, &l, c->pieces, c->gradients, c->bytes_of_gradient);
        l.gradients = false;
        sum += leg_cost(c, &l, c->buckets, c->values, sizeof(float));
        l.stride *= l.radix;
    }
    return sum;
}

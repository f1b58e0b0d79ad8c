/* private.h - what the files of exchange share, and no one else sees. */
#ifndef LOCKSTEP_EXCHANGE_PRIVATE_H
#define LOCKSTEP_EXCHANGE_PRIVATE_H

#include "buckets.h"
#include "node_sum.h"

/* Buckets under way at a time: one travels while the one before is added. */
enum { WINDOW = 2 };

/* Gradient messages have the tags below this, others from it on. A tag comes
 * round again only after so many messages that those with the same one, which
 * MPI keeps in order, have long arrived. */
enum { GRADIENT_TAGS = 20000, VALUE_TAGS = WORLD_TAGS - GRADIENT_TAGS };

/* A bucket under way: its messages and what they bring. */
typedef struct transfer {
    int bucket;
    request *requests; /* [room] */
    int count;
    float *buffer; /* received nodes, one slice after another */
} transfer;

/* What the hooks do. */
void announce_parameters(void *exchange, int first);
void announce_use(void *exchange, int index, int use);
void move_messages(void *exchange);
void await_parameters(void *exchange, int last);

struct exchange {
    world *world;
    parameters *parameters;
    int rank, ranks;
    buckets plan;
    slice *slices;    /* [plan.count] of this rank */
    size_t owned;     /* floats */
    float *gradients; /* [owned] */
    bool accumulate;  /* gradients may be added to */
    bool separate;    /* gradients are not plane 0 itself */

    node_sum sum;
    int *holder;           /* [sum.root.last]: the rank that holds each node */
    int first_node;        /* the first that this rank holds */
    const float **sources; /* [PARAMETER_USES * sum.root.last] */

    /* Gradients: buckets go from the last to the first through `under_way`,
     * a ring of `flying` transfers from `oldest` on. */
    transfer under_way[WINDOW];
    int oldest, flying;
    bool add;
    int announced; /* the lowest bucket that is ready */
    int next;      /* the bucket to start */

    /* Values: the same from the first bucket to the last. */
    int gather_ready, gather_started, gather_done; /* buckets below these */

    exchange_traffic traffic;

    parameter_hooks hooks;
    double *block_sums; /* [parameters->floats / PARAMETER_BLOCK] */
};

#endif

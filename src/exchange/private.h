/* private.h - what the files of exchange share, and no one else sees. */
#ifndef LOCKSTEP_EXCHANGE_PRIVATE_H
#define LOCKSTEP_EXCHANGE_PRIVATE_H

#include <stdatomic.h>

#include "buckets.h"
#include "cells.h"
#include "courier.h"
#include "node_sum.h"
#include "stages.h"

/* Pieces of gradients, and buckets of values, under way at a time: while one travels the one
 * before is added, and stages of one are hidden behind those of others. */
enum { WINDOW = 4, GATHER_WINDOW = 4 };

/* Gradient messages have the tags below this, others from it on. A tag comes
 * round again only after so many messages that those with the same one, which
 * MPI keeps in order, have long arrived. */
enum { GRADIENT_TAGS = 20000, VALUE_TAGS = WORLD_TAGS - GRADIENT_TAGS };

/* The gradients of one use of a bucket. */
typedef struct piece {
    int bucket, use;
} piece;

/* A piece under way: its messages, and the nodes that it brings. */
typedef struct transfer {
    bool busy;
    long number; /* pieces begun before it */
    piece piece;
    int stage;         /* whose messages are waited for; the number of stages: it has landed */
    request *requests; /* receives of all stages, then sends as they begin */
    int count;
    node_at *arrivals; /* what the receives bring, in the same order */
    node_at *nodes;    /* what is held so far, from the first float of this rank's places on */
    void *received;    /* memory of the arrivals, one after another */
    uint16_t *packed;  /* what is sent and stands nowhere as it travels: half nodes, and nodes
                        * without their zeros */
    size_t packed_count;
} transfer;

/* A bucket of values on its way. */
typedef struct gathering {
    int bucket;
    int stage;         /* whose messages are waited for; -1: it has arrived */
    request *requests; /* receives of all stages from the last on, then sends */
    int count;
} gathering;

struct exchange {
    world *world;
    parameters *parameters;
    exchange_settings settings;
    int rank, ranks;
    buckets plan;
    stages stages;
    slice *slices;    /* [plan.count] of this rank */
    size_t owned;     /* floats */
    float *gradients; /* [owned] */
    bool separate;    /* gradients are not plane 0 itself */

    /* Pieces leave in the order in which they are said to be final. */
    node_sum sum;
    node_at *leaves; /* of the join that is being added */
    uint8_t *bits;   /* of the cells of a bucket; scratch */
    int *arrival;    /* [stages.count + 1]: the first arrival of each stage */
    transfer under_way[WINDOW];
    bool add;
    int announced; /* the lowest bucket whose uses are all final */
    bool *said;    /* [plan.pieces]: is in the queue */
    piece *queue;  /* [plan.pieces] */
    atomic_int queued, begun, landed;
    int *missing; /* [plan.count]: uses of the bucket that have not landed */

    /* Values: from the first bucket to the last, through a ring. */
    gathering gathered[GATHER_WINDOW];
    int *incoming; /* [stages.count + 1]: as `arrival`, from the last stage on */
    /* buckets below these */
    atomic_int gather_ready, gather_begun, gather_arrived, gather_done;

    courier courier;
    parameter_hooks hooks;
    double *block_sums; /* [parameters->floats / PARAMETER_BLOCK] */
    exchange_traffic traffic;
    double flying_since; /* clock_seconds; 0: nothing is under way */
};

/* What the hooks do. */
void announce_parameters(void *exchange, int first);
void announce_use(void *exchange, int index, int use);
void await_parameters(void *exchange, int last);
void move_messages(void *exchange);

/* The memory of transfers and gatherings (exchange_memory.c). */
MUST_CHECK status create_transfers(exchange *x);
void destroy_transfers(exchange *x);

/* transfer.c. Begin a piece in a transfer that is not busy; take what has come, and send on
 * what follows, without waiting; true when it has landed and all of its messages are gone, so
 * that the transfer may be used again. */
void transfer_begin(exchange *x, transfer *t, piece what);
bool transfer_advance(exchange *x, transfer *t);
/* What it waits for. */
const request *transfer_awaits(const exchange *x, const transfer *t, int *count);

/* Messages of the exchange, which are counted (exchange_move.c). */
request send_bytes(exchange *x, const void *data, size_t bytes, int peer, int tag);
bool have_finished(const exchange *x, const request *requests, int count);
bool is_flying(const exchange *x);

/* Take what has come and send on what follows, of gradients and of values: `carry` does, and
 * `advance` calls who is to do it. */
void advance_reduce(exchange *x);
void advance_gather(exchange *x);
void carry(exchange *x);
void advance(exchange *x);

/* Wait until a message comes or goes, of the piece that was begun first or else of values; one
 * has to be under way. */
void await_any(exchange *x);
/* The piece that was begun first of those under way; NULL when there is none. */
transfer *oldest_transfer(exchange *x);
/* What the next bucket of values waits for. */
const request *gather_awaits(exchange *x, int *count);
/* The same until a counter has come so far, whoever makes it rise. */
void await_counter(exchange *x, const atomic_int *counter, int wanted);

#endif

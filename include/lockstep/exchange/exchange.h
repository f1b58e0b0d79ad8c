/* exchange.h - from gradients of this rank's grains to summed slices, and from
 * updated slices back to whole parameters.
 *
 * The value slab is cut into buckets of whole PARAMETER_BLOCKs, numbered in the
 * order of the slab, which is that of forward; a tied tensor has buckets of its
 * own. Each rank owns a slice of every bucket, about as many blocks as any other rank.
 * Gradients are summed over all nodes of all ranks in the tree of slab/tree.h, in stages
 * (src/exchange/stages.h), each use of a tied tensor on its own, the uses added last in
 * their order: the bits depend neither on the number of ranks nor on the stages.
 *
 * A step:
 *   exchange_begin(x, add);
 *   ... backward, with exchange_hooks(x): it announces what is final, and pieces leave ...
 *   exchange_end(x);                       the owned gradients are summed
 *   ... with batch.accumulate: begin to end once for each batch ...
 *   ... norm, clipping ...
 *   exchange_gather_begin(x);
 *   ... for each bucket: optimizer on the owned slice, then exchange_gather_ready(x, b) ...
 *   exchange_gather_wait(x, b) before bucket b's parameters are read, which the hooks'
 *       `need` does too
 *   exchange_gather_end(x);
 * A gather may go on while the next step's gradients are under way. What moves messages
 * along is being called: each of these functions does, and exchange_move between them; or a
 * courier, a thread that does nothing else (src/exchange/courier.h).
 *
 * A piece, one use of a bucket, leaves as soon as it is said to be final; all ranks say the
 * same in the same order (what is never said follows at the end: buckets from the last to
 * the first), so that the messages of any two ranks are in the same order on both. At most
 * four pieces are under way at a time. Each takes at most bucket_bytes for what it brings,
 * with half nodes half of that, and half of it to pack what it sends: that many times the
 * nodes of a rank's run of grains (one where ranks split the tree evenly). Nodes that are
 * mostly zeros travel without them (src/exchange/cells.h). Values travel from and to where
 * they stand.
 *
 * Nothing is allocated after exchange_create. None of it can fail: comm aborts
 * the job when MPI does. Every begin and end is [collective].
 */
#ifndef LOCKSTEP_EXCHANGE_EXCHANGE_H
#define LOCKSTEP_EXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/slab/hooks.h"
#include "lockstep/slab/parameters.h"

typedef struct exchange exchange;

/* A run of whole blocks that this rank owns. */
typedef struct slice {
    size_t first; /* in the value slab, in floats */
    size_t count; /* floats, a multiple of PARAMETER_BLOCK; may be 0 */
    size_t owned; /* where it stands in slabs of owned floats */
} slice;

/* By which stages ranks reach each other, as `distributed.exchange` has it. */
typedef enum exchange_route {
    ROUTE_AUTO,
    ROUTE_DIRECT,
    ROUTE_HALVING,
    ROUTE_HOSTS
} exchange_route;

typedef struct exchange_settings {
    int grains;          /* of a batch, on all ranks */
    size_t bucket_bytes; /* about so much travels at a time */
    bool accumulate;     /* a step may sum several batches */
    bool half;           /* as the parameters: half nodes (slab/node.h) travel as 2 bytes */
    exchange_route route;
    bool courier; /* a thread of its own moves messages and adds: best on a core of its own */
    /* The stages by hand (src/exchange/stages.h), in the route's place: `stages` radices whose
     * product is the number of ranks. NULL: by the route. Read by exchange_create alone. */
    const int *radices;
    int stages;
} exchange_settings;

/* What has travelled since the exchange was created, as this rank saw it. Of the time in
 * flight the share 1 - waited / in_flight was hidden behind computing. */
typedef struct exchange_traffic {
    double in_flight; /* seconds in which a message was under way */
    double waited;    /* seconds of them in waits */
    long waits;       /* for something that was not there yet */
    double bytes;     /* sent */
    long messages;    /* sent */
} exchange_traffic;

/* Borrows `world` and `parameters` (allocated, with as many gradient planes as
 * this rank's run of the grains has nodes) for its whole life. `*out` is owned:
 * exchange_destroy. STATUS_CONFIG with more ranks than grains, and where they do not split
 * as the route wants it; a failure may be this rank's alone: world_agree on it. */
MUST_CHECK status exchange_create(exchange **out, world *world, parameters *parameters,
                                  exchange_settings settings);
void exchange_destroy(exchange *x); /* nothing may be under way; NULL is fine */

/* How ranks reach each other, for a person: "each rank with each", "in stages of 2, 2, 4". */
enum { EXCHANGE_TEXT = 160 };
void exchange_text(const exchange *x, char out[EXCHANGE_TEXT]);

int exchange_buckets(const exchange *x);
/* Which bucket holds (the end of) parameter `index`. */
int exchange_bucket_of(const exchange *x, int index);

/* This rank's slice of every bucket, [exchange_buckets], and their sum of counts. */
const slice *exchange_slices(const exchange *x);
size_t exchange_owned(const exchange *x);

/* Move messages along, without waiting; the hook `move`. */
void exchange_move(exchange *x);

exchange_traffic exchange_traffic_of(exchange *x);

/* For a pass: `ready` announces, between begin and end, every bucket that holds nothing but
 * final gradients, from the last on; `need` waits, while a gather is under way, for the
 * buckets that hold what is about to be read. They live as long as `x`. */
const parameter_hooks *exchange_hooks(const exchange *x);

/* With `add` false the owned gradients are set, with true (only where the
 * exchange may accumulate) added to. */
void exchange_begin(exchange *x, bool add);
/* All gradients of the bucket are final, from the last bucket on, and nobody touches them until
 * the next backward sets them: what is left in them is undefined. Never waits: starts what
 * there is room for, and moves along what has started. */
void exchange_ready(exchange *x, int bucket);
/* The gradients of this use of a tied tensor are final; nothing to say of one that is not
 * tied, which exchange_ready covers. All ranks say the same things in the same order. */
void exchange_ready_use(exchange *x, int index, int use);
/* Of this use's gradients, which are final and not announced yet, the share that is not zeros
 * (src/exchange/cells.h): the mean over this rank's nodes. */
double exchange_filled(const exchange *x, int index, int use);
/* Starts what was never announced and waits for all. */
void exchange_end(exchange *x);

/* [exchange_owned] the summed gradients of the owned slices, until the next
 * backward. With one rank that does not accumulate they are the first gradient
 * plane itself. */
float *exchange_gradients(exchange *x);

/* [collective] The 2-norm of the whole summed gradient: the square root of the
 * double sum of block sums in block order. NaN and infinity come through. */
double exchange_norm(exchange *x);

/* Owned slices of values -> all ranks. This rank's slice of a bucket may leave once it has
 * its new values, which exchange_gather_ready says of the buckets in order, never waiting;
 * nothing may write it from then on to the end. Waiting for a bucket waits for those before
 * it too, and says that all of them are ready here. An end is fine when nothing is under way;
 * exchange_end is one too. */
void exchange_gather_begin(exchange *x);
void exchange_gather_ready(exchange *x, int bucket);
void exchange_gather_wait(exchange *x, int bucket);
void exchange_gather_end(exchange *x);

/* [collective] Owned floats of any slab laid out like the values (an optimizer's
 * slot) -> the whole slab on rank 0 (`whole`, [parameters->floats], NULL
 * elsewhere), and back from rank 0's whole to everyone's owned part. */
void exchange_collect(exchange *x, const float *owned, float *whole);
void exchange_spread(exchange *x, const float *whole, float *owned);

#endif

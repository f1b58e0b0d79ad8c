/* slabs.h - the parameters and gradients of a simulated rank, most of which is nowhere.
 *
 * Hundreds of ranks have no room for a model each. Nor do they need one: of what they exchange
 * only the zeros matter, since mostly empty nodes travel without them. So tensors whose
 * gradients are mostly zeros have memory of their own, with rows of zeros and others, and all
 * else is the same few megabytes for all ranks: what one writes there others read, and
 * messages from there carry nothing (comm/simulated.h).
 */
#ifndef LOCKSTEP_SIMULATION_SLABS_H
#define LOCKSTEP_SIMULATION_SLABS_H

#include "lockstep/base/status.h"
#include "lockstep/scaling/recording.h"
#include "lockstep/slab/parameters.h"

typedef struct slabs {
    parameters parameters;
    const recording *recording;
    int rank;
} slabs;

/* With a plane of gradients for each of `nodes`. Borrows the recording. After a failure
 * slabs_close, too. */
MUST_CHECK status slabs_open(slabs *out, const recording *r, int nodes, int rank);
void slabs_close(slabs *s);

/* A pass has set the gradients: of those that are mostly zeros some rows are not, which differ
 * from rank to rank. */
void slabs_set_gradients(slabs *s);

#endif

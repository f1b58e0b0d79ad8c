/* simulated.h - what a simulated world has beside that of world.h: seconds that pass when they
 * are told to, and what messages take of them.
 *
 * Only the program of src/simulation has it: there the files of src/comm/simulated stand in for
 * those of the same names in src/comm. All ranks are in one process, of which SimGrid lets one
 * go on at a time, until its next message or its next second: what is static is shared by all.
 */
#ifndef LOCKSTEP_COMM_SIMULATED_H
#define LOCKSTEP_COMM_SIMULATED_H

#include <stddef.h>

#include "lockstep/base/status.h"

/* Of the processor, in seconds. */
typedef struct simulated_way {
    double message; /* for a message, sent or received */
    double byte;    /* for a byte, sent or received */
} simulated_way;

typedef struct simulated_costs {
    simulated_way between, within; /* hosts, a host */
    int ranks_a_host;              /* numbered one host after another */
} simulated_costs;

/* What messages take from now on, on all ranks; nothing at first. */
void simulated_set_costs(const simulated_costs *costs);

/* This rank is busy for so long. */
void simulated_pass(double seconds);
/* It will have been busy for so long when it next meets the world: for what is done often. */
void simulated_owe(double seconds);

/* Messages that this rank sends from here take their time, but carry nothing: what their
 * receivers get is what stood there, or 1.0f. STATUS_NOMEM. */
MUST_CHECK status simulated_leave(const void *from, size_t bytes);

#endif

/* world.h - the only door to MPI.
 *
 * No header includes mpi.h and no folder but src/comm may. An MPI error leaves
 * the ranks in no common state to recover from, so it is printed with the rank
 * and aborts the job: nothing here returns an MPI status.
 *
 * Calls marked [collective] must be made by every rank, in the same order. Only
 * the thread that opened the world may call.
 */
#ifndef LOCKSTEP_COMM_WORLD_H
#define LOCKSTEP_COMM_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct world world;

/* [collective] Start MPI. `*out` is owned: world_close. Works without mpirun as
 * a world of one. */
MUST_CHECK status world_open(world **out, int *argc, char ***argv);
void world_close(world *world); /* [collective]; NULL is fine */

int world_rank(const world *world);
int world_size(const world *world);
int world_hosts(const world *world); /* how many different hosts */

/* Seconds without progress in a wait after which the rank says what it waits
 * for and aborts the job; 0 waits for ever. */
void world_set_stall(world *world, int seconds);

/* Print "rank R: message" and end the whole job with `exit_code`. */
_Noreturn void world_abort(world *world, int exit_code, const char *message);

/* [collective] Turn one rank's failure into everyone's: OK when all are OK. The
 * lowest failing rank prints its error_message() with its rank number (log_error)
 * and everyone returns that rank's status code, so that all end alike. */
MUST_CHECK status world_agree(world *world, status local);

/* [collective] The largest value of all ranks. */
int world_max(world *world, int value);
double world_max_double(world *world, double value);

/* [collective] Bytes from rank `root` to all. */
void world_broadcast(world *world, void *bytes, size_t size, int root);

/* [collective] Each position of values[count] is set on one rank and 0 on all
 * others; afterwards every rank has all of them, bit for bit. */
void world_union(world *world, double *values, size_t count);

/* [collective] Are the `size` bytes the same on all ranks? Everyone gets the
 * answer: -1 when they are, else the lowest rank that differs from rank 0. */
int world_differs(world *world, const void *bytes, size_t size);

/* [collective] Rank r's `size` bytes to rank 0, which gets them one after
 * another in `*out` (owned: memory_destroy) with `sizes[world_size]`; NULL on
 * the other ranks. */
MUST_CHECK status world_collect(world *world, const void *bytes, size_t size,
                                char **out, size_t *sizes);

void world_barrier(world *world); /* [collective] */

/* [collective] The calling rank's host name, and the name of rank r's. */
const char *world_host(const world *world, int rank);

/* Point to point, split in two. A message is told by (peer, tag); tags are below
 * 30000. `data` must stay untouched until its request has been waited for. A
 * request slot of an empty message (count 0) is finished at once. */
typedef struct request {
    int slot; /* -1: nothing in flight */
} request;

request world_send_begin(world *world, const float *data, size_t count,
                         int peer, int tag);
request world_receive_begin(world *world, float *data, size_t count, int peer,
                            int tag);
void world_wait(world *world, request *requests, int count);

/* Move messages along without waiting. */
void world_poke(world *world);

/* Seconds spent waiting in this world so far. */
double world_waited(const world *world);

#endif

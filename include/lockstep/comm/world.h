/* world.h - the only door to MPI.
 *
 * No header includes mpi.h and no folder but src/comm may. An MPI error leaves
 * the ranks in no common state to recover from, so it is printed with the rank
 * and aborts the job: nothing here returns an MPI status.
 *
 * Calls marked [collective] must be made by every rank, in the same order, by the thread that
 * opened the world. Messages from one rank to another are one thread's at a time, which may be
 * another one: calls into MPI take turns. The world is watched from its start on:
 * LOCKSTEP_START_SECONDS (300) limits that of MPI itself, which waits for all ranks.
 *
 * A process that neither mpirun nor srun started is a world of one and never
 * starts MPI, whose own single start takes a second.
 */
#ifndef LOCKSTEP_COMM_WORLD_H
#define LOCKSTEP_COMM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct world world;

/* [collective] Start MPI. `*out` is owned: world_close. STATUS_USAGE when srun
 * started several processes that cannot find each other. */
MUST_CHECK status world_open(world **out, int *argc, char ***argv);
/* A world of this rank alone beside the job's, for work that no other rank takes part in. Never
 * touches MPI. `*out` is owned: world_close, not collective for it. */
MUST_CHECK status world_open_alone(world **out);
void world_close(world *world); /* [collective]; NULL is fine */

/* How many ranks a launcher has started on this host, by what it left in the environment; 1
 * where there is none or it does not say. Needs no world. */
int world_launched_here(void);

int world_rank(const world *world);
int world_size(const world *world);
int world_hosts(const world *world); /* how many different hosts */

/* Seconds without progress in a wait, be it for messages or in a collective call,
 * after which the rank says what it waits for and which ranks do not answer, and aborts
 * the job; 0, as at first, waits for ever. */
void world_set_stall(world *world, int seconds);

/* Around long work of this rank, or a wait for what is outside of the job, that others may
 * have to wait for: they are told that it lives, and do not take it for stalled. No other call
 * for this world between the two but for its rank, size and hosts. */
void world_work_begin(world *world);
/* Likewise, for loops that ask stop_signal again and again (until world_work_end): the others
 * are told that this rank lives while it asks, so that one that never comes back is missed. */
void world_compute_begin(world *world);
void world_work_end(world *world);

/* Print "rank R: message" and end the whole job with `exit_code`. Where several ranks
 * come upon the same at about the same time, one of them speaks. */
_Noreturn void world_abort(world *world, int exit_code, const char *message);

/* [collective] Turn one rank's failure into everyone's: OK when all are OK, else
 * the code of the lowest failing rank, everywhere, so that all end alike.
 *
 * An error is printed once: with several ranks the lowest failing one prints its
 * error_message() here (log_error, "rank R: ..."), and afterwards error_message()
 * is "" on every rank, which tells main that nothing is left to print. With one
 * rank nothing is printed and the message stays. STATUS_STOPPED is no error: it is
 * not printed. */
MUST_CHECK status world_agree(world *world, status local);

/* [collective] The largest value of all ranks. */
int world_max(world *world, int value);
double world_max_double(world *world, double value);

/* [collective] Bytes from rank `root` to all. */
void world_broadcast(world *world, void *bytes, size_t size, int root);

/* [collective] Each position of values[count] is set on one rank and 0 on all
 * others; afterwards every rank has all of them, bit for bit (-0 and NaN too). */
void world_union(world *world, double *values, size_t count);

/* [collective] Are the `size` bytes the same on all ranks? Everyone gets the
 * answer: -1 when they are, else the lowest rank that differs from rank 0. */
int world_differs(world *world, const void *bytes, size_t size);

/* [collective] Rank r's `size` bytes to rank 0, which gets them one after
 * another in `*out` (owned: memory_destroy), a 0 byte after the last, and each
 * rank's size in `sizes` [world_size]; on the others `*out` is NULL and `sizes`
 * is not used. Fails on all ranks alike, as world_agree does. */
MUST_CHECK status world_collect(world *world, const void *bytes, size_t size, char **out,
                                size_t *sizes);

void world_barrier(world *world); /* [collective] */

/* The name of the host that rank `rank` runs on. */
const char *world_host(const world *world, int rank);

/* Point to point, split in two. A message is told by (peer, tag), the peer being
 * another rank; messages between two ranks with the same tag arrive in the order
 * in which they were begun. Tags are below WORLD_TAGS, bytes at most INT_MAX.
 * `data` must stay untouched until its request has been waited for. A request
 * of an empty message (0 bytes) is finished at once. */
enum { WORLD_TAGS = 30000 };

typedef struct request {
    int slot; /* -1: nothing in flight */
} request;

/* Room for this many requests in flight at once, so that a begin allocates
 * nothing; 64 at first. None may be in flight. */
MUST_CHECK status world_reserve(world *world, int requests);

/* A receiver may make room for more bytes than come. */
request world_send_begin(world *world, const void *data, size_t bytes, int peer, int tag);
request world_receive_begin(world *world, void *data, size_t bytes, int peer, int tag);

/* Has it finished, as far as this rank saw? Nothing is moved; world_wait gives the request
 * back. */
bool world_finished(const world *world, request request);

/* The bytes that came with a receive that has finished and was not given back. */
size_t world_received(const world *world, request request);

/* Wait until any message of this world finishes, one of these or another; at once when all
 * of these have. Who stays away is named by the first of these. */
void world_await(world *world, const request *requests, int count);

/* Wait for all of them, and set them to nothing in flight. */
void world_wait(world *world, request *requests, int count);

/* Is it finished? Moves messages along; world_wait gives the request back. */
bool world_test(world *world, request request);

/* Move messages along without waiting. */
void world_poke(world *world);

/* Seconds spent waiting in this world so far. */
double world_waited(const world *world);

#endif

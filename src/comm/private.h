/* private.h - what the files of comm share, and no one else sees. */
#ifndef LOCKSTEP_COMM_PRIVATE_H
#define LOCKSTEP_COMM_PRIVATE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

#include "lockstep/comm/world.h"
#include "ticker.h"
#include "watchdog.h"

/* Tags of the room itself. */
enum { COLLECT_TAG = WORLD_TAGS, ABORT_TAG, ALIVE_TAG, CALL_TAG, HERE_TAG };

/* One message between its begin and its wait. */
typedef struct flight {
    int peer;
    bool sending;
    bool taken; /* a request refers to it, finished or not */
    int bytes;  /* received */
} flight;

struct world {
    MPI_Comm comm;
    bool started; /* MPI runs; false in a world of one without mpirun */
    int rank, size, hosts;
    char (*host)[MPI_MAX_PROCESSOR_NAME]; /* [size] */
    int stall;                            /* seconds, 0: for ever */
    _Atomic(double) waited;               /* seconds, of all threads */
    ticker work;                          /* between world_work_begin and _end */
    unsigned long looks;                  /* stop_looks at its last tick */
    watchdog *dog;                        /* NULL without MPI */

    /* Slots of messages; the request of a finished one is MPI_REQUEST_NULL. */
    MPI_Request *requests; /* [room] */
    flight *flights;       /* [room] */
    int *finished;         /* [room], for MPI_Testsome */
    MPI_Status *statuses;  /* [room], likewise */
    int room;
    int used; /* slots from here on were never taken */
};

/* Every call into MPI, one thread's at a time: the watchdog knows of it; a failed one is
 * printed with its place, and aborts the job. mpi_do is told what came of a call that began
 * with watchdog_enter, mpi_check of one that has been left. */
#define MPI_DO(world, call)                                                                    \
    (watchdog_enter((world)->dog, #call), mpi_do((world), (call), #call, __FILE__, __LINE__))
void mpi_do(const world *w, int code, const char *call, const char *file, int line);
void mpi_check(const world *w, int code, const char *call, const char *file, int line);

/* Empty messages (notice.c): to one rank, to all others, and the rank from which one has
 * come, -1 when none has. */
void notice_send(const world *w, int rank, int tag);
void notice_send_all(const world *w, int tag);
int notice_take(const world *w, int tag);

/* While this rank waits: answer who calls. True when one that works has said so. */
bool notice_answer(const world *w);

/* Call all ranks: who does not answer within two seconds, "rank 2 (host b) does not
 * answer". */
enum { NOTICE_SIZE = MPI_MAX_PROCESSOR_NAME + 100 };
void notice_missing(const world *w, char out[NOTICE_SIZE]);

/* End the whole job with `exit_code`, and these words: of ranks that want to at about the same
 * time one speaks. */
_Noreturn void abort_with_words(const world *w, int exit_code, const char *words);
/* Likewise when all is said. */
_Noreturn void abort_silently(const world *w, int exit_code);

/* The longest that a rank which has waited too long needs until it has said so, in seconds. */
enum { SPEAKING = 5 };

/* Patience in a wait: polls fast at first, then leaves the core to others. */
typedef struct patience {
    double start, progress, seen; /* clock_seconds: seen at the last poll */
    int polls;
} patience;

patience patience_begin(void);
/* One fruitless poll; true when the world's stall time has passed. Time in which this rank
 * itself was stopped does not count. */
bool patience_lost(patience *p, const world *w);
void patience_end(const patience *p, world *w);
void note_waited(world *w, double seconds);
/* See which messages have finished, in a wait or in passing: what MPI_Testsome returns. */
int patience_poll(world *w, bool waiting, int *count);

/* Complete a nonblocking collective or internal message; `what` ends the
 * sentence when it stalls: "rank R (host h) has waited N s ...". */
void mpi_finish(world *w, MPI_Request *pending, const char *what);

/* The wait took too long: say so and abort. */
_Noreturn void report_stall(world *w, const patience *p, const char *what);

#endif

/* world.c - starting and ending MPI, and what every rank knows of the others. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "farewell.h"
#include "launch.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "private.h"

enum { FIRST_ROOM = 64 };

void mpi_check(const world *w, int code, const char *call, const char *file, int line)
{
    char text[MPI_MAX_ERROR_STRING] = "unknown error";
    int length;

    if (code == MPI_SUCCESS)
        return;
    MPI_Error_string(code, text, &length);
    log_error("rank %d: %s:%d: %s: %s", w->rank, file, line, call, text);
    abort_silently(w, EXIT_FAILURE);
}

void mpi_do(const world *w, int code, const char *call, const char *file, int line)
{
    watchdog_leave(w->dog);
    mpi_check(w, code, call, file, line);
}

int world_launched_here(void)
{
    /* "2" or "2(x4),1": of the first host */
    static const char *const counts[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS",
                                         "SLURM_STEP_TASKS_PER_NODE"};
    int most = 1;

    for (size_t i = 0; launch_found() && i < sizeof(counts) / sizeof(counts[0]); i++) {
        const char *count = getenv(counts[i]);
        if (count == NULL)
            continue;
        long ranks = strtol(count, NULL, 10);
        most = ranks > most && ranks < INT_MAX ? (int)ranks : most;
        break;
    }
    return most;
}

/* Without this, srun's processes would all be rank 0 of the same run. */
static status refuse_lone_tasks(void)
{
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");

    if (tasks == NULL || strcmp(tasks, "1") == 0)
        return STATUS_OK;
    return fail(STATUS_USAGE,
                "srun started %s processes without a way to find each other: "
                "use srun --mpi=pmix, or mpirun",
                tasks);
}

static void start_mpi(world *w, int *argc, char ***argv)
{
    int threads;

    MPI_DO(w, MPI_Init_thread(argc, argv, MPI_THREAD_SERIALIZED, &threads));
    MPI_DO(w, MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    MPI_DO(w, MPI_Comm_dup(MPI_COMM_WORLD, &w->comm));
    MPI_DO(w, MPI_Comm_set_errhandler(w->comm, MPI_ERRORS_RETURN));
    MPI_DO(w, MPI_Comm_rank(w->comm, &w->rank));
    MPI_DO(w, MPI_Comm_size(w->comm, &w->size));
    w->started = true;
    if (threads < MPI_THREAD_SERIALIZED)
        world_abort(w, EXIT_FAILURE, "this MPI was built without support for threads");
}

static int count_hosts(const world *w)
{
    int hosts = 0;

    for (int rank = 0; rank < w->size; rank++) {
        int earlier = 0;

        while (earlier < rank && strcmp(w->host[earlier], w->host[rank]) != 0)
            earlier++;
        hosts += earlier == rank;
    }
    return hosts;
}

static status learn_hosts(world *w)
{
    char name[MPI_MAX_PROCESSOR_NAME] = "";

    w->host = memory_create((size_t)w->size, sizeof(*w->host));
    if (w->host == NULL)
        return fail(STATUS_NOMEM, "names of %d ranks", w->size);
    launch_host(name, sizeof(name));
    memcpy(w->host[w->rank], name, sizeof(name));
    if (w->started)
        MPI_DO(w, MPI_Allgather(name, sizeof(name), MPI_CHAR, w->host, sizeof(name), MPI_CHAR,
                                w->comm));
    w->hosts = count_hosts(w);
    return STATUS_OK;
}

/* Until every rank has heard of every other. */
static status start_with_mpi(world *w, int *argc, char ***argv)
{
    w->dog = memory_create(1, sizeof(*w->dog));
    if (w->dog == NULL)
        return fail(STATUS_NOMEM, "no memory to start");
    TRY(watchdog_begin(w->dog, w));
    start_mpi(w, argc, argv);
    TRY(learn_hosts(w));
    watchdog_open(w->dog);
    if (w->size > 1)
        farewell_begin(w->rank, w->host[w->rank]);
    return STATUS_OK;
}

status world_open(world **out, int *argc, char ***argv)
{
    bool with_mpi = launch_found();

    *out = NULL;
    if (!with_mpi)
        TRY(refuse_lone_tasks());
    world *w = memory_create(1, sizeof(*w));
    if (w == NULL)
        return fail(STATUS_NOMEM, "no memory to start");
    w->size = 1;

    status code = with_mpi ? start_with_mpi(w, argc, argv) : learn_hosts(w);
    if (code == STATUS_OK)
        code = world_reserve(w, FIRST_ROOM);
    if (code != STATUS_OK && w->size > 1)
        world_abort(w, EXIT_FAILURE, error_message());
    if (code != STATUS_OK) {
        world_close(w);
        return code;
    }
    *out = w;
    return STATUS_OK;
}

status world_open_alone(world **out)
{
    world *w = memory_create(1, sizeof(*w));

    *out = NULL;
    if (w == NULL)
        return fail(STATUS_NOMEM, "no memory for a world of one rank");
    w->size = 1;
    status code = learn_hosts(w);
    if (code == STATUS_OK)
        code = world_reserve(w, FIRST_ROOM);
    if (code != STATUS_OK) {
        world_close(w);
        return code;
    }
    *out = w;
    return STATUS_OK;
}

/* MPI's own end blocks until all have come to it, and names nobody: so ours goes first. */
static void end_mpi(world *w)
{
    MPI_Request pending;

    MPI_DO(w, MPI_Ibarrier(w->comm, &pending));
    mpi_finish(w, &pending, "for the other ranks to end");
    MPI_DO(w, MPI_Comm_free(&w->comm));
    MPI_DO(w, MPI_Finalize());
    farewell_end();
    watchdog_end(w->dog);
}

void world_close(world *w)
{
    if (w == NULL)
        return;
    if (w->started)
        end_mpi(w);
    memory_destroy(w->dog);
    memory_destroy(w->host);
    memory_destroy(w->requests);
    memory_destroy(w->flights);
    memory_destroy(w->finished);
    memory_destroy(w->statuses);
    memory_destroy(w);
}

int world_rank(const world *w)
{
    return w->rank;
}

int world_size(const world *w)
{
    return w->size;
}

int world_hosts(const world *w)
{
    return w->hosts;
}

const char *world_host(const world *w, int rank)
{
    CHECK(0 <= rank && rank < w->size);
    return w->host[rank];
}

void world_set_stall(world *w, int seconds)
{
    CHECK(seconds >= 0);
    w->stall = seconds;
    if (w->dog == NULL)
        return;
    /* Of ranks that hang together one speaks, and the job ends before it is another's turn. */
    double turn = w->rank == 0 ? 0.0 : 3.0 + 2.0 * w->rank / w->size;
    watchdog_limit(w->dog, seconds > 0 ? seconds + SPEAKING + turn : 0.0);
}

void note_waited(world *w, double seconds)
{
    double before = w->waited;

    while (!atomic_compare_exchange_weak(&w->waited, &before, before + seconds))
        continue;
}

double world_waited(const world *w)
{
    return w->waited;
}

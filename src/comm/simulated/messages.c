/* messages.c - calls of MPI that mean something else in a simulated world, by MPI's own way for
 * that: MPI_X calls PMPI_X.
 *
 * SimGrid's collectives that do not block send everything to everybody. Those that do stand in
 * for them; scripts/simulate.sh chooses their algorithms.
 */
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "costs.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/status.h"
#include "lockstep/comm/simulated.h"

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
    int code = PMPI_Init_thread(argc, argv, required, provided);

    *provided = required; /* there are no threads */
    return code;
}

/* ---- messages that carry nothing ---- */

enum { LEFT = 64, LARGEST = 1 << 28 };

typedef struct left {
    struct {
        uintptr_t first, end;
    } list[LEFT];
    int count;
} left;

static left *lefts; /* [ranks], which all of the process share */
static float *nothing;

static int world_number(void)
{
    int rank;

    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

/* SimGrid does not copy what is shared, but for what is so small that its sender goes on at
 * once: that are ones, as what stands for gradients must not seem empty. */
static status open_nothing(void)
{
    int ranks;

    if (lefts != NULL)
        return STATUS_OK;
    PMPI_Comm_size(MPI_COMM_WORLD, &ranks);
    lefts = memory_create((size_t)ranks, sizeof(*lefts));
    nothing = SMPI_SHARED_MALLOC(LARGEST);
    if (lefts == NULL || nothing == NULL)
        return fail(STATUS_NOMEM, "messages of %d ranks", ranks);
    for (size_t i = 0; i < LARGEST / sizeof(float); i++)
        nothing[i] = 1.0f;
    return STATUS_OK;
}

status simulated_leave(const void *from, size_t bytes)
{
    TRY(open_nothing());
    left *l = &lefts[world_number()];
    if (l->count == LEFT)
        return fail(STATUS_NOMEM, "more than %d parts of memory that ranks share", LEFT);
    l->list[l->count].first = (uintptr_t)from;
    l->list[l->count++].end = (uintptr_t)from + bytes;
    return STATUS_OK;
}

static bool is_left(int rank, const void *data)
{
    uintptr_t at = (uintptr_t)data;

    for (int i = 0; lefts != NULL && i < lefts[rank].count; i++)
        if (lefts[rank].list[i].first <= at && at < lefts[rank].list[i].end)
            return true;
    return false;
}

int MPI_Isend(const void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *out)
{
    int rank = world_number();

    costs_pay_message(rank, peer, (size_t)count);
    CHECK(count <= LARGEST);
    return PMPI_Isend(is_left(rank, data) ? nothing : data, count, type, peer, tag, comm, out);
}

int MPI_Irecv(void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request *out)
{
    costs_pay();
    return PMPI_Irecv(data, count, type, peer, tag, comm, out);
}

/* ---- collectives ---- */

int MPI_Iallreduce(const void *mine, void *all, int count, MPI_Datatype type, MPI_Op operation,
                   MPI_Comm comm, MPI_Request *out)
{
    costs_pay();
    *out = MPI_REQUEST_NULL;
    return PMPI_Allreduce(mine, all, count, type, operation, comm);
}

int MPI_Ibcast(void *data, int count, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *out)
{
    costs_pay();
    *out = MPI_REQUEST_NULL;
    return PMPI_Bcast(data, count, type, root, comm);
}

int MPI_Ibarrier(MPI_Comm comm, MPI_Request *out)
{
    costs_pay();
    *out = MPI_REQUEST_NULL;
    return PMPI_Barrier(comm);
}

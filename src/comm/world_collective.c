/* world_collective.c - what all ranks do together.
 *
 * MPI's nonblocking collectives are used, so that every wait is polled, counted
 * and guarded against a rank that never comes (patience.c).
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "private.h"

/* MPI counts in int. */
static const size_t chunk = (size_t)1 << 28;

static void combine(world *w, void *values, size_t count, MPI_Datatype type, MPI_Op operation)
{
    MPI_Request pending;

    if (!w->started || count == 0)
        return;
    CHECK(count <= INT_MAX);
    MPI_DO(w, MPI_Iallreduce(MPI_IN_PLACE, values, (int)count, type, operation, w->comm,
                             &pending));
    mpi_finish(w, &pending, "in a reduction for the other ranks");
}

status world_agree(world *w, status local)
{
    /* rank and code in one number, the lowest rank's the least */
    int least = local == STATUS_OK ? INT_MAX : w->rank * 256 + (int)local;

    if (w->size == 1)
        return local;
    combine(w, &least, 1, MPI_INT, MPI_MIN);
    if (least == INT_MAX)
        return STATUS_OK;
    if (least / 256 == w->rank && local != STATUS_STOPPED)
        log_error("rank %d: %s", w->rank, error_message());
    return fail((status)(least % 256), "%s", "");
}

int world_max(world *w, int value)
{
    combine(w, &value, 1, MPI_INT, MPI_MAX);
    return value;
}

double world_max_double(world *w, double value)
{
    combine(w, &value, 1, MPI_DOUBLE, MPI_MAX);
    return value;
}

void world_broadcast(world *w, void *bytes, size_t size, int root)
{
    CHECK(0 <= root && root < w->size);
    for (size_t at = 0; at < size && w->started; at += chunk) {
        size_t part = size - at < chunk ? size - at : chunk;
        MPI_Request pending;

        MPI_DO(w, MPI_Ibcast((char *)bytes + at, (int)part, MPI_BYTE, root, w->comm, &pending));
        mpi_finish(w, &pending, "in a broadcast for the other ranks");
    }
}

void world_union(world *w, double *values, size_t count)
{
    for (size_t at = 0; at < count; at += chunk)
        combine(w, values + at, count - at < chunk ? count - at : chunk, MPI_UINT64_T, MPI_BOR);
}

int world_differs(world *w, const void *bytes, size_t size)
{
    uint64_t expected = size;
    char piece[4096];

    world_broadcast(w, &expected, sizeof(expected), 0);
    bool differs = expected != size;
    for (uint64_t at = 0; at < expected; at += sizeof(piece)) {
        size_t part = expected - at < sizeof(piece) ? (size_t)(expected - at) : sizeof(piece);

        if (w->rank == 0)
            memcpy(piece, (const char *)bytes + at, part);
        world_broadcast(w, piece, part, 0);
        if (!differs)
            differs = memcmp(piece, (const char *)bytes + at, part) != 0;
    }
    int lowest = differs ? w->rank : INT_MAX;
    combine(w, &lowest, 1, MPI_INT, MPI_MIN);
    return lowest == INT_MAX ? -1 : lowest;
}

static void send_bytes(world *w, const char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += chunk) {
        size_t part = size - at < chunk ? size - at : chunk;
        MPI_Request pending;

        MPI_DO(w,
               MPI_Isend(bytes + at, (int)part, MPI_BYTE, 0, COLLECT_TAG, w->comm, &pending));
        mpi_finish(w, &pending, "for rank 0 to collect");
    }
}

static void receive_bytes(world *w, char *bytes, size_t size, int rank)
{
    for (size_t at = 0; at < size; at += chunk) {
        size_t part = size - at < chunk ? size - at : chunk;
        MPI_Request pending;

        MPI_DO(w, MPI_Irecv(bytes + at, (int)part, MPI_BYTE, rank, COLLECT_TAG, w->comm,
                            &pending));
        mpi_finish(w, &pending, "for what the other ranks have to give");
    }
}

/* On rank 0: how many bytes each rank has, and room for all. */
static status prepare_room(world *w, size_t size, char **out, size_t *sizes)
{
    uint64_t mine = size, *all = NULL;
    size_t total = 0;
    MPI_Request pending;

    if (w->rank == 0) {
        all = memory_create((size_t)w->size, sizeof(*all));
        if (all == NULL)
            world_abort(w, EXIT_FAILURE, "no memory to collect anything");
        all[0] = mine;
    }
    if (w->started) {
        MPI_DO(w,
               MPI_Igather(&mine, 1, MPI_UINT64_T, all, 1, MPI_UINT64_T, 0, w->comm, &pending));
        mpi_finish(w, &pending, "for the other ranks to tell their sizes");
    }
    if (w->rank != 0)
        return STATUS_OK;
    for (int rank = 0; rank < w->size; rank++)
        total += sizes[rank] = (size_t)all[rank];
    memory_destroy(all);
    *out = memory_create(total + 1, 1);
    if (*out == NULL)
        return fail(STATUS_NOMEM, "%zu bytes collected from all ranks", total);
    return STATUS_OK;
}

status world_collect(world *w, const void *bytes, size_t size, char **out, size_t *sizes)
{
    *out = NULL;
    TRY(world_agree(w, prepare_room(w, size, out, sizes)));
    if (w->rank != 0) {
        send_bytes(w, bytes, size);
        return STATUS_OK;
    }
    if (size > 0)
        memcpy(*out, bytes, size);
    size_t at = size;
    for (int rank = 1; rank < w->size; rank++) {
        receive_bytes(w, *out + at, sizes[rank], rank);
        at += sizes[rank];
    }
    return STATUS_OK;
}

void world_barrier(world *w)
{
    MPI_Request pending;

    if (!w->started)
        return;
    MPI_DO(w, MPI_Ibarrier(w->comm, &pending));
    mpi_finish(w, &pending, "in a barrier for the other ranks");
}

/* crowding.c - more threads than cores. */
#include "lockstep/infer/crowding.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/affinity.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

/* What the ranks of the host of rank `rank` may run on, and how many they are. */
static int cores_of(const world *w, const affinity *all, int rank, int *ranks)
{
    affinity together = {{0}};

    *ranks = 0;
    for (int r = 0; r < world_size(w); r++) {
        if (strcmp(world_host(w, r), world_host(w, rank)) != 0)
            continue;
        affinity_add(&together, &all[r]);
        ++*ranks;
    }
    return affinity_count(&together);
}

static const char *advice(int cores)
{
    const char *policy = getenv("OMP_WAIT_POLICY");

    if (sysconf(_SC_NPROCESSORS_ONLN) > cores)
        return "the host has more: mpirun --bind-to none";
    if (policy == NULL && getenv("GOMP_SPINCOUNT") == NULL)
        return "fewer are faster, and OMP_WAIT_POLICY=passive lets those work that can";
    return "fewer are faster";
}

/* Rank 0 alone. The first host will do. */
static void look(const world *w, const affinity *all, int threads)
{
    for (int r = 0; r < world_size(w); r++) {
        int ranks, cores = cores_of(w, all, r, &ranks);

        if (cores == 0 || ranks * threads <= cores)
            continue;
        log_warning("%d rank%s x %d thread%s take turns on the %d core%s that they have on %s; "
                    "%s",
                    ranks, ranks == 1 ? "" : "s", threads, threads == 1 ? "" : "s", cores,
                    cores == 1 ? "" : "s", world_host(w, r), advice(cores));
        return;
    }
}

status crowding_warn(world *w, int threads)
{
    affinity mine = affinity_get(0);
    size_t *sizes = memory_create((size_t)world_size(w), sizeof(*sizes));
    char *all = NULL;

    status told = world_agree(
        w, sizes != NULL ? STATUS_OK
                         : fail(STATUS_NOMEM, "no memory for %d ranks", world_size(w)));
    if (told == STATUS_OK)
        told = world_collect(w, &mine, sizeof(mine), &all, sizes);
    if (told == STATUS_OK && world_rank(w) == 0)
        look(w, (const affinity *)(const void *)all, threads);
    memory_destroy(all);
    memory_destroy(sizes);
    return told;
}

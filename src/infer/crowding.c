/* crowding.c - more threads than cores. */
#include "lockstep/infer/crowding.h"

#include <stdlib.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

status crowding_collect(world *w, placement **out)
{
    placement mine = placement_get(world_host(w, world_rank(w)));
    size_t *sizes = memory_create((size_t)world_size(w), sizeof(*sizes));
    char *all = NULL;

    *out = NULL;
    status told = world_agree(
        w, sizes != NULL ? STATUS_OK
                         : fail(STATUS_NOMEM, "no memory for %d ranks", world_size(w)));
    if (told == STATUS_OK)
        told = world_collect(w, &mine, sizeof(mine), &all, sizes);
    if (told == STATUS_OK)
        *out = (placement *)(void *)all;
    memory_destroy(sizes);
    return told;
}

void crowding_look(const placement *all, int ranks, int threads)
{
    bool passive = getenv("OMP_WAIT_POLICY") != NULL || getenv("GOMP_SPINCOUNT") != NULL;
    char text[PLACEMENT_TEXT];

    if (all != NULL && placement_crowded(all, ranks, threads, passive, text))
        log_warning("%s", text);
}

status crowding_warn(world *w, int threads)
{
    placement *all;

    TRY(crowding_collect(w, &all));
    crowding_look(all, world_size(w), threads);
    memory_destroy(all);
    return STATUS_OK;
}

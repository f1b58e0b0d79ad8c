/* crowding.c - more threads than cores. */
#include "lockstep/infer/crowding.h"

#include <stdlib.h>

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

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

    TRY(placement_collect(w, &all));
    crowding_look(all, world_size(w), threads);
    memory_destroy(all);
    return STATUS_OK;
}

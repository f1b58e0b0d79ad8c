/* scratch.c - what a batch needs, and what to do when that is too much. */
#include "lockstep/infer/scratch.h"

#include <stdio.h>
#include <stdlib.h>

static void end_job(void *user, const char *message)
{
    char text[512];

    snprintf(
        text, sizeof(text),
        "a batch does not fit in memory: %s; lower batch.tokens (of a run that has begun in "
        "another run.folder, with training.initialize_from), or decode.batch and decode.beam "
        "where outputs are looked for, or leave out the pair, if one alone is too long",
        message);
    world_abort(user, EXIT_FAILURE, text);
}

status scratch_open(arena *out, world *world)
{
    TRY(arena_init_machine(out));
    arena_on_full(out, end_job, world);
    return STATUS_OK;
}

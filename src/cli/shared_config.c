/* shared_config.c - one configuration for all ranks. */
#include "shared_config.h"

#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"

/* `*text` is owned on every rank. */
static status share_text(world *w, const char *path, char **text)
{
    size_t size = 0;
    status loaded = STATUS_OK;

    *text = NULL;
    if (world_rank(w) == 0)
        loaded = config_read(path, text, &size);
    TRY(world_agree(w, loaded));
    world_broadcast(w, &size, sizeof(size), 0);
    if (world_rank(w) != 0)
        *text = memory_create(size + 1, 1);
    TRY(world_agree(w,
                    *text != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory for %s", path)));
    world_broadcast(w, *text, size, 0);
    return STATUS_OK;
}

status shared_config_load(config *out, const arguments *a)
{
    const char *path = a->operands[0];
    char *text;

    /* Until the configuration has said how long to wait. */
    world_set_stall(a->world, 300);
    status shared = share_text(a->world, path, &text);

    if (shared == STATUS_OK)
        shared = world_agree(
            a->world, config_load_text(out, path, text, a->overrides, a->override_count));
    memory_destroy(text);
    if (shared == STATUS_STOPPED)
        log_line("stopped by a signal before the configuration was read");
    if (shared == STATUS_OK)
        world_set_stall(a->world, out->distributed.stall_seconds);
    return shared;
}

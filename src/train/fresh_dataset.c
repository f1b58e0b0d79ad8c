/* fresh_dataset.c - the dataset of a configuration, made first where it must be. */
#include "fresh_dataset.h"

#include "lockstep/base/file.h"

static status prepare(const config *c, const uint64_t *known)
{
    bool fresh;

    TRY(dataset_is_fresh(c, true, &fresh));
    if (fresh)
        return STATUS_OK;
    return known != NULL ? dataset_prepare_again(c, *known) : dataset_prepare(c);
}

/* Rank 0 alone. */
static status prepare_for_all(world *world, const config *c, const uint64_t *known)
{
    world_work_begin(world);
    status prepared = prepare(c, known);
    world_work_end(world);
    return prepared;
}

status fresh_dataset_open(dataset **out, world *world, const config *c, const uint64_t *known)
{
    char path[FILE_PATH_MAX];

    TRY(world_agree(world,
                    world_rank(world) == 0 ? prepare_for_all(world, c, known) : STATUS_OK));
    TRY(dataset_path(c, path, sizeof(path)));
    TRY(world_agree(world, dataset_open(out, path, false)));
    dataset_limit(*out, c->data.max_length);
    return STATUS_OK;
}

/* fresh_dataset.c - the dataset of a configuration, made first where it must be. */
#include "fresh_dataset.h"

#include "lockstep/base/file.h"

static status prepare(const config *c)
{
    bool fresh;

    TRY(dataset_is_fresh(c, &fresh));
    return fresh ? STATUS_OK : dataset_prepare(c);
}

/* Rank 0 alone. */
static status prepare_for_all(world *world, const config *c)
{
    world_work_begin(world);
    status prepared = prepare(c);
    world_work_end(world);
    return prepared;
}

status fresh_dataset_open(dataset **out, world *world, const config *c)
{
    char path[FILE_PATH_MAX];

    TRY(world_agree(world, world_rank(world) == 0 ? prepare_for_all(world, c) : STATUS_OK));
    TRY(dataset_path(c, path, sizeof(path)));
    return world_agree(world, dataset_open(out, path, false));
}

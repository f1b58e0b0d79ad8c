/* prepare.c - lockstep prepare: the dataset that a configuration describes. */
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "shared_config.h"
#include "verb.h"

static status prepare_unless_fresh(const config *c)
{
    char path[FILE_PATH_MAX];
    bool fresh;

    TRY(dataset_path(c, path, sizeof path));
    TRY(dataset_is_fresh(c, false, &fresh));
    if (!fresh)
        return dataset_prepare(c);
    log_line("dataset: %s is up to date", path);
    return STATUS_OK;
}

/* Rank 0 alone. */
static status prepare(world *w, const config *c)
{
    world_work_begin(w);
    status result = prepare_unless_fresh(c);
    world_work_end(w);

    if (result == STATUS_STOPPED)
        log_line("%s; no dataset was written", error_message());
    return result;
}

static status run(const arguments *a)
{
    config c;

    TRY(shared_config_load(&c, a));
    status result =
        world_agree(a->world, world_rank(a->world) == 0 ? prepare(a->world, &c) : STATUS_OK);
    config_free(&c);
    return result;
}

static const argument_flag flags[] = {ARGUMENT_SET, {0}};

const verb verb_prepare = {
    .name = "prepare",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .summary = "make vocabularies and the HDF5 dataset out of text files",
    .flags = flags,
    .ranks = true,
    .alone = true,
    .run = run,
};

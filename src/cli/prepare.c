/* prepare.c - lockstep prepare: the dataset that a configuration describes. */
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "lockstep/train/fresh_dataset.h"
#include "shared_config.h"
#include "verb.h"

static void say_up_to_date(const config *c)
{
    char path[FILE_PATH_MAX];

    if (dataset_path(c, path, sizeof path) == STATUS_OK)
        log_line("dataset: %s is up to date", path);
}

static status run(const arguments *a)
{
    config c;
    bool made;

    TRY(shared_config_load(&c, a));
    status result = fresh_dataset_prepare(a->world, &c, &made);
    bool first = world_rank(a->world) == 0;

    if (result == STATUS_OK && first && !made)
        say_up_to_date(&c);
    if (result == STATUS_STOPPED && first)
        log_line("%s; no dataset was written",
                 *error_message() ? error_message() : "stopped by a signal");
    config_free(&c);
    return result;
}

static const argument_flag flags[] = {ARGUMENT_SKIP_BAD, ARGUMENT_SET, {0}};

const verb verb_prepare = {
    .name = "prepare",
    .operands = "CONFIG",
    .least = 1,
    .most = 1,
    .summary = "make vocabularies and the HDF5 dataset out of text or audio files",
    .flags = flags,
    .ranks = true,
    .alone = true,
    .run = run,
};

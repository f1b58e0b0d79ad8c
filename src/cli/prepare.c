/* prepare.c - lockstep prepare: the dataset that a configuration describes. */
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"
#include "verb.h"

static status prepare_unless_fresh(const config *c)
{
    char path[FILE_PATH_MAX];
    bool fresh;

    TRY(dataset_path(c, path, sizeof path));
    TRY(dataset_is_fresh(c, &fresh));
    if (!fresh)
        return dataset_prepare(c);
    log_line("dataset: %s is up to date", path);
    return STATUS_OK;
}

static status run(const arguments *a)
{
    config c;

    TRY(config_load(&c, a->operands[0], a->overrides, a->override_count));
    status result = prepare_unless_fresh(&c);

    if (result == STATUS_STOPPED)
        log_line("%s; no dataset was written", error_message());
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
    .run = run,
};

/* dataset_split.c - the splits, by name. */
#include <string.h>

#include "lockstep/data/dataset.h"

static const char *const names[SPLITS] = {"train", "valid", "test"};

const char *dataset_split_name(dataset_split split)
{
    return names[split];
}

bool dataset_split_find(const char *name, dataset_split *out)
{
    for (int i = 0; i < SPLITS; i++) {
        if (strcmp(names[i], name) != 0)
            continue;
        *out = (dataset_split)i;
        return true;
    }
    return false;
}

bool dataset_split_keeps_text(dataset_split split)
{
    return split != SPLIT_TRAIN;
}

const config_files *dataset_split_files(const config *c, dataset_split split)
{
    const config_files *files[SPLITS] = {&c->data.train, &c->data.valid, &c->data.test};

    return files[split];
}

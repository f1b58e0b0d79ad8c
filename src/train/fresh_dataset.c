/* fresh_dataset.c - the dataset of a configuration, made first where it must be. */
#include "lockstep/train/fresh_dataset.h"

#include "audio_ranks.h"

/* What rank 0 is to see to. */
typedef struct task {
    const config *config;
    const uint64_t *known;
    bool believe, *made;
} task;

static status prepare(void *user, const audio_crew *crew)
{
    const task *t = user;
    bool fresh;

    TRY(dataset_is_fresh(t->config, t->believe, &fresh));
    if (fresh)
        return STATUS_OK;
    TRY(dataset_prepare_with(t->config, t->known, crew));
    *t->made = true;
    return STATUS_OK;
}

status fresh_dataset_prepare(world *world, const config *c, bool *made)
{
    task t = {.config = c, .made = made};

    *made = false;
    return audio_ranks_run(world, c, prepare, &t);
}

status fresh_dataset_open(dataset **out, world *world, const config *c, const uint64_t *known)
{
    bool made;
    task t = {c, known, true, &made};

    TRY(audio_ranks_run(world, c, prepare, &t));
    TRY(world_agree(world, dataset_open_of(out, c, false)));
    dataset_limit(*out, c->data.max_length);
    return STATUS_OK;
}

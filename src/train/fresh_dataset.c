/* fresh_dataset.c - the dataset of a configuration, made first where it must be. */
#include "lockstep/train/fresh_dataset.h"

#include "audio_ranks.h"
#include "text_ranks.h"

/* What rank 0 is to see to. */
typedef struct task {
    const config *config;
    const uint64_t *known;
    bool believe, *made;
} task;

static status prepare(const task *t, const dataset_crew *crew)
{
    bool fresh;

    TRY(dataset_is_fresh(t->config, t->believe, &fresh));
    if (fresh)
        return STATUS_OK;
    TRY(dataset_prepare_with(t->config, t->known, crew));
    *t->made = true;
    return STATUS_OK;
}

static status prepare_audio(void *user, const audio_crew *crew)
{
    return prepare(user, &(dataset_crew){.audio = crew});
}

static status prepare_text(void *user, const text_crew *crew)
{
    return prepare(user, &(dataset_crew){.text = crew});
}

static status run(world *world, task *t)
{
    return t->config->data.source.kind == INPUT_AUDIO
               ? audio_ranks_run(world, t->config, prepare_audio, t)
               : text_ranks_run(world, t->config, prepare_text, t);
}

status fresh_dataset_prepare(world *world, const config *c, bool *made)
{
    task t = {.config = c, .made = made};

    *made = false;
    return run(world, &t);
}

status fresh_dataset_open(dataset **out, world *world, const config *c, const uint64_t *known)
{
    bool made;
    task t = {c, known, true, &made};

    TRY(run(world, &t));
    TRY(world_agree(world, dataset_open_of(out, c, false)));
    dataset_limit(*out, c->data.max_length);
    return STATUS_OK;
}

/* trial.c - a training that is measured for some steps and then forgotten. */
#include "trial.h"

#include "lockstep/infer/copied.h"
#include "lockstep/infer/share.h"
#include "lockstep/train/fresh_dataset.h"

static status open_dataset(trial *t, world *job, config *c, int *source, int *target)
{
    TRY(fresh_dataset_open(&t->dataset, job, c, NULL));
    *source = sides_symbols(dataset_sides(t->dataset), SIDE_SOURCE);
    *target = sides_symbols(dataset_sides(t->dataset), SIDE_TARGET);
    return STATUS_OK;
}

static void make_room(config *c, int length)
{
    int longest = synthetic_longest(length);

    c->data.max_length = c->data.max_length < longest ? longest : c->data.max_length;
    if (c->model.length.kind == LENGTH_FIXED && c->model.length.tokens <= longest)
        c->model.length.tokens = longest + 1;
}

/* Pairs for all steps, so that no window is opened between them. */
static int64_t enough_pairs(const config *c, const trial_settings *settings)
{
    int64_t batches = ((int64_t)settings->steps + 2) * c->batch.accumulate;

    return batches * (c->batch.tokens / settings->length + 1);
}

/* Of the source's frames; 0: symbols. */
static int frame_width(const config *c)
{
    const config_side *source = &c->data.source;

    return source->kind == INPUT_AUDIO ? source->stack * source->mels : 0;
}

static status open_loader(trial *t, const world *world, const config *c,
                          const trial_settings *s)
{
    loader_settings settings = share_settings(c, world);

    settings.shuffle = true;
    settings.ahead = false; /* nothing runs beside what is measured */
    if (t->dataset != NULL)
        return loader_create(&t->loader, t->dataset, SPLIT_TRAIN, &settings);
    t->sentences = (synthetic){settings.seed, s->vocabulary, s->length, frame_width(c),
                               task_of(c)->output};
    pair_source source = synthetic_source(&t->sentences, enough_pairs(c, s));
    return loader_create_from(&t->loader, &source, &settings);
}

status trial_open(trial *t, world *job, world *world, config *c, const environment *environment,
                  const trial_settings *settings)
{
    int source = settings->vocabulary, target = source;

    *t = (trial){.dataset = NULL};
    if (source == 0)
        TRY(open_dataset(t, job, c, &source, &target));
    else
        make_room(c, settings->length);
    TRY(training_open(&t->training, world, c, environment, source, target));
    if (t->dataset != NULL)
        TRY(world_agree(world, copied_tell(t->training.model, dataset_sides(t->dataset))));
    return world_agree(world, open_loader(t, world, c, settings));
}

void trial_close(trial *t)
{
    training_close(&t->training);
    loader_destroy(t->loader);
    dataset_close(t->dataset);
}

/* saving_resume.c - going on from a checkpoint. */
#include <math.h>
#include <string.h>

#include "averaging.h"
#include "lockstep/base/log.h"
#include "saving.h"

/* ---- what rank 0 checks before anything is changed ---- */

static status check_config(const checkpoint *saved, const config *asked)
{
    config run;

    TRY(config_load_text(&run, "the checkpoint's configuration", saved->config, NULL, 0));
    status same = config_check_resume(&run, asked);
    config_free(&run);
    return same;
}

static status check_dataset(const checkpoint *saved, const dataset *data, const config *c)
{
    if (saved->progress.dataset == (int64_t)dataset_fingerprint(data))
        return STATUS_OK;
    return fail(STATUS_CONFIG,
                "%s: the data differ from those this run was trained on; bring the old data "
                "back, or give the run another run.folder (with training.initialize_from to "
                "start from its parameters)",
                c->run.folder);
}

static void warn_if_changed(const char *what, const char *then, const char *now)
{
    if (strcmp(then, now) != 0)
        log_warning("%s was %s and is %s now: the run goes on, but not with the bits it would "
                    "have had",
                    what, then, now);
}

static void check_origin(const checkpoint_origin *then, const environment *now)
{
    warn_if_changed("the build", then->build, now->build);
    warn_if_changed("OpenBLAS's core", then->blas, now->blas);
    warn_if_changed("the instruction set", then->instructions, now->kernels);
}

static status check_all(const checkpoint *saved, const training *t, const dataset *data)
{
    TRY(check_config(saved, t->config));
    TRY(check_dataset(saved, data, t->config));
    check_origin(&saved->origin, &t->environment);
    return checkpoint_check(saved, transformer_parameters(t->model), t->optimizer.rule);
}

/* ---- sharing what rank 0 read ---- */

static void share_parameters(training *t)
{
    parameters *p = transformer_parameters(t->model);

    world_broadcast(t->world, p->values, p->floats * sizeof(float), 0);
    if (p->buffers != NULL)
        world_broadcast(t->world, p->buffers->values, p->buffers->floats * sizeof(float), 0);
}

/* [collective] `from` is rank 0's, NULL elsewhere, as `whole`, which is [floats] of room.
 * `slot` is NULL for the moving average. */
static status load_slot(const training *t, const checkpoint *from, const char *slot,
                        float *whole, float *owned)
{
    const parameters *p = transformer_parameters(t->model);
    status loaded = STATUS_OK;

    if (from != NULL) {
        world_work_begin(t->world);
        loaded = slot == NULL ? checkpoint_load_average(from, p, whole)
                              : checkpoint_load_slot(from, p, slot, whole);
        world_work_end(t->world);
    }
    TRY(world_agree(t->world, loaded));
    exchange_spread(t->exchange, whole, owned);
    return STATUS_OK;
}

/* [collective] The snapshot's room serves for what is read, too. */
static status load_slots(const snapshot *room, training *t, const checkpoint *from)
{
    const optimizer_rule *rule = t->optimizer.rule;

    if (t->average.values != NULL)
        TRY(load_slot(t, from, NULL, room->average, t->average.values));
    for (int i = 0; i < rule->slots; i++)
        TRY(load_slot(t, from, rule->slot_names[i], room->slots[i], t->optimizer.slots[i]));
    return STATUS_OK;
}

/* [collective] */
static status load_state(saving *s, training *t, const checkpoint *from, loader *loader)
{
    status loaded = STATUS_OK;

    if (from != NULL) {
        world_work_begin(t->world);
        loaded = checkpoint_load_parameters(from, transformer_parameters(t->model));
        world_work_end(t->world);
    }
    TRY(world_agree(t->world, loaded));
    share_parameters(t);
    TRY(load_slots(&s->snapshot, t, from));
    if (from != NULL)
        s->progress = from->progress;
    world_broadcast(t->world, &s->progress, sizeof(s->progress), 0);
    t->step = s->saved_step = s->progress.step;
    t->tokens = s->progress.tokens;
    t->plateau = s->progress.plateau;
    return world_agree(
        t->world, loader_seek(loader, (loader_position){s->progress.epoch, s->progress.window,
                                                        s->progress.batch}));
}

/* [collective] */
static status initialize(training *t)
{
    const char *path = t->config->training.initialize_from;
    checkpoint from = {0};
    status loaded = STATUS_OK;

    if (path == NULL)
        return STATUS_OK;
    if (world_rank(t->world) == 0) {
        world_work_begin(t->world);
        loaded = run_open_best(&from, path);
        if (loaded == STATUS_OK)
            loaded = checkpoint_load_model(&from, transformer_parameters(t->model));
        if (loaded == STATUS_OK)
            log_line("parameters from %s, step %lld", path, (long long)from.progress.step);
        checkpoint_close(&from);
        world_work_end(t->world);
    }
    TRY(world_agree(t->world, loaded));
    share_parameters(t);
    averaging_begin(t);
    return STATUS_OK;
}

status saving_resume(saving *s, training *t, const dataset *data, loader *from)
{
    bool reads = world_rank(t->world) == 0;
    checkpoint latest = {0};
    status opened = STATUS_OK;

    s->progress =
        (checkpoint_progress){.best_step = -1, .best_metric = NAN, .validated_metric = NAN};
    if (reads) {
        world_work_begin(t->world);
        opened = run_open_latest(&latest, t->config->run.folder);
        world_work_end(t->world);
    }
    bool found = opened == STATUS_OK && latest.reader != NULL;
    if (found)
        opened = check_all(&latest, t, data);
    status done = world_agree(t->world, opened);
    if (done == STATUS_OK)
        done = world_max(t->world, found) != 0 ? load_state(s, t, reads ? &latest : NULL, from)
                                               : initialize(t);
    checkpoint_close(&latest);
    return done;
}

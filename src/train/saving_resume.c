/* saving_resume.c - going on from a checkpoint. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "averaging.h"
#include "lockstep/base/log.h"
#include "saving.h"
#include "transfer.h"

/* ---- what rank 0 checks before anything is changed ---- */

static status check_config(const checkpoint *saved, config *asked)
{
    config run;

    TRY(config_load_text(&run, "the checkpoint's configuration", saved->config, NULL, 0));
    config_keep(&run, asked);
    status same = config_check_resume(&run, asked);
    config_free(&run);
    return same;
}

status saving_find(saving *s, config *asked, const uint64_t **known)
{
    *known = NULL;
    TRY(run_open_latest(&s->latest, asked->run.folder));
    if (s->latest.reader == NULL)
        return STATUS_OK;
    *known = (const uint64_t *)&s->latest.progress.dataset;
    return check_config(&s->latest, asked);
}

static void warn_if_changed(const char *what, const char *then, const char *now)
{
    if (strcmp(then, now) != 0)
        log_warning("%s was %s and is %s now: the run goes on, but not with the bits it would "
                    "have had",
                    what, then, now);
}

/* One core gives other bits where caches have other sizes. */
static const char *arithmetic_text(const int64_t hashes[2], char out[64])
{
    snprintf(out, 64, "%016" PRIx64 "-%016" PRIx64, (uint64_t)hashes[0], (uint64_t)hashes[1]);
    return out;
}

static void check_origin(const checkpoint_origin *then, const training *t)
{
    const environment *now = &t->environment;
    bool alike =
        t->config->run.products == PRODUCTS_NATIVE || strcmp(then->blas, now->blas) == 0;
    int64_t was[2] = {alike ? then->arithmetic[0] : now->arithmetic[0], then->arithmetic[1]};
    char a[64], b[64];

    warn_if_changed("the build", then->build, now->build);
    if (!alike)
        warn_if_changed("OpenBLAS's core", then->blas, now->blas);
    if (then->arithmetic[0] != 0)
        warn_if_changed("the arithmetic of the kernels", arithmetic_text(was, a),
                        arithmetic_text(now->arithmetic, b));
}

static status check_all(const checkpoint *saved, const training *t, const dataset *data)
{
    if (!dataset_is(data, (uint64_t)saved->progress.dataset))
        return dataset_refuse_other(t->config);
    check_origin(&saved->origin, t);
    return checkpoint_check(saved, transformer_parameters(t->model), t->optimizer.rule);
}

/* ---- sharing what rank 0 read ---- */

/* [collective] What rank 0 has settled of the configuration. */
static status share_config(saving *s, const training *t, config *asked)
{
    int64_t *until = &asked->training.schedule.until;
    long long steps = asked->training.steps;

    world_broadcast(t->world, until, sizeof(*until), 0);
    if (asked->derived.until_follows && *until != steps)
        log_warning("training.schedule.until stays %lld, the steps with which the run began: "
                    "the rate %s; for another fall start a new run from this one "
                    "(training.initialize_from)",
                    (long long)*until,
                    *until < steps ? "stays at its floor from there on"
                                   : "will not have come down to its floor");
    return world_agree(t->world, snapshot_describe(&s->snapshot, asked));
}

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
static status load_state(saving *s, training *t, config *asked, const checkpoint *from,
                         loader *loader)
{
    status loaded = STATUS_OK;

    TRY(share_config(s, t, asked));
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
static status initialize(training *t, const sides *now)
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
            loaded = transfer_load(&from, now, transformer_parameters(t->model));
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

status saving_resume(saving *s, training *t, config *asked, const dataset *data, loader *from)
{
    const checkpoint *latest = s->latest.reader != NULL ? &s->latest : NULL;

    s->progress = (checkpoint_progress){.best_step = -1,
                                        .best_metric = NAN,
                                        .best_loss = HUGE_VAL,
                                        .validated_metric = NAN,
                                        .validated_loss = HUGE_VAL,
                                        .dataset = (int64_t)dataset_content(data)};
    TRY(world_agree(t->world, latest != NULL ? check_all(latest, t, data) : STATUS_OK));
    status done = world_max(t->world, latest != NULL) != 0
                      ? load_state(s, t, asked, latest, from)
                      : initialize(t, dataset_sides(data));
    checkpoint_close(&s->latest);
    return done;
}

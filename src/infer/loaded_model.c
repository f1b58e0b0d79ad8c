/* loaded_model.c - a trained model to be used. */
#include "lockstep/infer/loaded_model.h"

#include <stdio.h>
#include <time.h>

#include "lockstep/base/log.h"
#include "lockstep/checkpoint/run.h"
#include "lockstep/infer/copied.h"
#include "lockstep/infer/crowding.h"
#include "lockstep/infer/environment.h"
#include "lockstep/infer/scratch.h"
#include "lockstep/tensor/gemm_reserve.h"

/* How often the checkpoints of a run that goes on are chosen anew, and how far apart. */
enum { TRIES = 50 };
static const struct timespec pause = {.tv_nsec = 20000000};

/* Until the configuration has said how long to wait for ranks that do not come, in seconds. */
enum { FIRST_STALL = 300 };

/* What a batch holds means nothing to a finished model, so it may change. */
static status check_overrides(const char *text, const config *asked)
{
    config saved;

    TRY(config_load_text(&saved, "checkpoint", text, NULL, 0));
    saved.batch = asked->batch;
    status result = config_check_resume(&saved, asked);
    config_free(&saved);
    return result;
}

static status load_config(loaded_model *m, const checkpoint *from, const char *const *overrides,
                          int count)
{
    TRY(config_load_text(&m->config, m->path, from->config, overrides, count));
    return count > 0 ? check_overrides(from->config, &m->config) : STATUS_OK;
}

static status load(loaded_model *m, world *w, const checkpoint *from)
{
    m->step = from->progress.step;
    TRY(sides_load(&m->sides, from->reader));
    status fits = sides_check(&m->sides, &m->config);
    if (fits != STATUS_OK)
        return fail_context(fits, "%s", m->path);
    TRY(transformer_create(&m->model, &m->config, sides_symbols(&m->sides, SIDE_SOURCE),
                           sides_symbols(&m->sides, SIDE_TARGET), 0));
    TRY(copied_tell(m->model, &m->sides));
    TRY(checkpoint_load_model(from, transformer_parameters(m->model)));
    TRY(gemm_reserve(m->config.run.threads));
    return scratch_open(&m->arena, w);
}

static status open_local(loaded_model *m, world *w, const char *path, checkpoint *out)
{
    if (world_rank(w) != 0)
        return checkpoint_open(out, m->path);
    TRY(run_open_best(out, path));
    snprintf(m->path, sizeof(m->path), "%s", store_path(out->reader));
    return STATUS_OK;
}

/* Others may have less to read, or a faster disk. */
static status open_alive(loaded_model *m, world *w, const char *path, checkpoint *out)
{
    world_work_begin(w);
    status result = open_local(m, w, path, out);
    world_work_end(w);
    return result;
}

/* The rest of the ranks open the file that rank 0 found. `*gone`: it was not there for this
 * one; `*again`: nor for others. */
static status open_once(loaded_model *m, world *w, const char *path, checkpoint *out,
                        bool *gone, bool *again)
{
    bool first = world_rank(w) == 0;

    TRY(world_agree(w, first ? open_alive(m, w, path, out) : STATUS_OK));
    world_broadcast(w, m->path, sizeof(m->path), 0);
    status opened = first ? STATUS_OK : open_alive(m, w, path, out);
    *gone = opened != STATUS_OK && !file_exists(m->path);
    *again = world_max(w, *gone) != 0;
    return *again ? STATUS_OK : world_agree(w, opened);
}

/* A run that goes on removes checkpoints, and other hosts may see new ones late. */
static status open_file(loaded_model *m, world *w, const char *path, checkpoint *out)
{
    status missing = STATUS_OK;
    bool gone = false, again = true;

    for (int tries = 0; again && tries < TRIES; tries++) {
        if (tries > 0)
            nanosleep(&pause, NULL);
        checkpoint_close(out);
        TRY(open_once(m, w, path, out, &gone, &again));
    }
    if (again && gone)
        missing =
            fail(STATUS_INPUT,
                 "%s: is there for rank 0 (host %s), and not for rank %d (host %s); a run's "
                 "folder must be the same on all hosts, and a run that goes on keep "
                 "more checkpoints (checkpoint.keep)",
                 m->path, world_host(w, 0), world_rank(w), world_host(w, world_rank(w)));
    return world_agree(w, missing);
}

/* [collective] */
static status load_alive(loaded_model *m, world *w, const checkpoint *from)
{
    environment environment;

    TRY(environment_open(w, &m->config, &environment));
    world_work_begin(w);
    status result = load(m, w, from);
    world_work_end(w);
    return world_agree(w, result);
}

status loaded_model_open(loaded_model *out, world *w, const char *path,
                         const char *const *overrides, int count)
{
    checkpoint from = {0};

    *out = (loaded_model){.step = 0};
    world_set_stall(w, FIRST_STALL);
    status result = open_file(out, w, path, &from);
    if (result == STATUS_OK)
        result = world_agree(w, load_config(out, &from, overrides, count));
    if (result == STATUS_OK)
        result = load_alive(out, w, &from);
    if (result == STATUS_OK)
        world_set_stall(w, out->config.distributed.stall_seconds);
    if (result == STATUS_OK)
        log_line("%s: step %lld", out->path, (long long)out->step);
    if (result == STATUS_OK)
        result = crowding_warn(w, out->config.run.threads);
    checkpoint_close(&from);
    return result;
}

void loaded_model_close(loaded_model *m)
{
    transformer_destroy(m->model);
    sides_free(&m->sides);
    config_free(&m->config);
    arena_free(&m->arena);
    *m = (loaded_model){.step = 0};
}

int loaded_model_length(const loaded_model *m)
{
    return transformer_places(m->model) - 1;
}

/* loaded_model.c - a trained model to be used. */
#include "lockstep/infer/loaded_model.h"

#include <stdio.h>

#include "lockstep/base/log.h"
#include "lockstep/checkpoint/run.h"
#include "lockstep/infer/crowding.h"
#include "lockstep/infer/environment.h"
#include "lockstep/infer/scratch.h"
#include "lockstep/tensor/gemm_reserve.h"

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

static status load(loaded_model *m, world *w, const checkpoint *from,
                   const char *const *overrides, int count)
{
    m->step = from->progress.step;
    TRY(config_load_text(&m->config, m->path, from->config, overrides, count));
    if (count > 0)
        TRY(check_overrides(from->config, &m->config));
    TRY(sides_load(&m->sides, from->reader));
    status fits = sides_check(&m->sides, &m->config);
    if (fits != STATUS_OK)
        return fail_context(fits, "%s", m->path);
    TRY(transformer_create(&m->model, &m->config, sides_symbols(&m->sides, SIDE_SOURCE),
                           sides_symbols(&m->sides, SIDE_TARGET), 0));
    TRY(checkpoint_load_model(from, transformer_parameters(m->model)));
    TRY(gemm_reserve(m->config.run.threads));
    return scratch_open(&m->arena, w);
}

/* The rest of the ranks open the file that rank 0 found. */
static status open_file(loaded_model *m, world *w, const char *path, checkpoint *out)
{
    bool first = world_rank(w) == 0;
    status opened = first ? run_open_best(out, path) : STATUS_OK;

    if (first && opened == STATUS_OK)
        snprintf(m->path, sizeof(m->path), "%s", store_path(out->reader));
    TRY(world_agree(w, opened));
    world_broadcast(w, m->path, sizeof(m->path), 0);
    return world_agree(w, first ? STATUS_OK : checkpoint_open(out, m->path));
}

status loaded_model_open(loaded_model *out, world *w, const char *path,
                         const char *const *overrides, int count)
{
    checkpoint from = {0};
    environment environment;

    *out = (loaded_model){.step = 0};
    TRY(environment_open(w, &environment));
    status result = open_file(out, w, path, &from);
    if (result == STATUS_OK)
        result = world_agree(w, load(out, w, &from, overrides, count));
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

/* checkpoint.c - a checkpoint that was opened and verified. */
#include "lockstep/checkpoint/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "progress.h"
#include "tensors.h"

static status load_short_text(store_reader *reader, const char *name,
                              char out[CHECKPOINT_ORIGIN])
{
    char *text;

    TRY(store_load_text(reader, name, &text));
    snprintf(out, CHECKPOINT_ORIGIN, "%s", text);
    memory_destroy(text);
    return STATUS_OK;
}

static status load_head(checkpoint *c)
{
    char format[CHECKPOINT_ORIGIN];
    int64_t step, version;

    TRY(load_short_text(c->reader, "format", format));
    if (strcmp(format, "lockstep checkpoint") != 0)
        return fail(STATUS_FORMAT, "%s: its format is \"%s\"", store_path(c->reader), format);
    TRY(store_load_text(c->reader, "config", &c->config));
    TRY(load_short_text(c->reader, "build", c->origin.build));
    TRY(load_short_text(c->reader, "blas", c->origin.blas));
    TRY(load_short_text(c->reader, "instructions", c->origin.instructions));
    if (store_has(c->reader, "/progress/arithmetic"))
        TRY(store_load(c->reader, "/progress/arithmetic", progress_arithmetic_shape(),
                       c->origin.arithmetic));
    TRY(store_load_number(c->reader, "version", &version));
    TRY(progress_load(&c->progress, c->reader, version));
    TRY(store_load_number(c->reader, "step", &step));
    if (step != c->progress.step)
        return fail(STATUS_FORMAT,
                    "%s: its attribute step is %" PRId64 " and /progress/step %" PRId64,
                    store_path(c->reader), step, c->progress.step);
    return STATUS_OK;
}

status checkpoint_open(checkpoint *out, const char *path)
{
    checkpoint opened = {0};

    TRY(store_open(&opened.reader, path, "checkpoint", CHECKPOINT_VERSION));
    status result = load_head(&opened);
    if (result != STATUS_OK) {
        checkpoint_close(&opened);
        return result;
    }
    *out = opened;
    return STATUS_OK;
}

void checkpoint_close(checkpoint *c)
{
    store_close(c->reader);
    memory_destroy(c->config);
    *c = (checkpoint){0};
}

/* `passed`: beginnings of names that the model need not have. */
static status check_model(const checkpoint *c, const parameters *p, const char *const *passed)
{
    static const parameters none;
    const parameters *buffers = p->buffers != NULL ? p->buffers : &none;

    TRY(tensors_check(p, "/parameters", c->reader, passed));
    if (p->buffers == NULL && passed == NULL && store_has(c->reader, "/buffers"))
        return fail(STATUS_FORMAT,
                    "%s: is another model's: it holds a batch norm's running values; compare "
                    "model.encoder_norm and model.decoder_norm of both configurations",
                    store_path(c->reader));
    if (p->buffers != NULL || store_has(c->reader, "/buffers"))
        TRY(tensors_check(buffers, "/buffers", c->reader, passed));
    return checkpoint_is_averaged(c) ? tensors_check(p, "/average", c->reader, passed)
                                     : STATUS_OK;
}

status checkpoint_check(const checkpoint *c, const parameters *p, const optimizer_rule *rule)
{
    char group[64];

    TRY(check_model(c, p, NULL));
    if (rule != NULL && c->progress.mean_of > 0)
        return fail(STATUS_FORMAT,
                    "%s: is the mean of %" PRId64 " checkpoints, and no run can go on from it; "
                    "move it elsewhere, or start another run from it with "
                    "training.initialize_from",
                    store_path(c->reader), c->progress.mean_of);
    for (int slot = 0; rule != NULL && slot < rule->slots; slot++) {
        snprintf(group, sizeof(group), "/optimizer/%s", rule->slot_names[slot]);
        if (!store_has(c->reader, group))
            return fail(STATUS_FORMAT,
                        "%s: holds no state %s of the optimizer %s; to start from its "
                        "parameters alone use training.initialize_from",
                        store_path(c->reader), rule->slot_names[slot], rule->name);
        TRY(tensors_check(p, group, c->reader, NULL));
    }
    return STATUS_OK;
}

static status load_values(const checkpoint *c, const parameters *p, const char *group)
{
    TRY(tensors_load(p, p->values, group, c->reader));
    return p->buffers == NULL
               ? STATUS_OK
               : tensors_load(p->buffers, p->buffers->values, "/buffers", c->reader);
}

static const char *best_values(const checkpoint *c)
{
    return checkpoint_is_averaged(c) ? "/average" : "/parameters";
}

status checkpoint_load_parameters(const checkpoint *c, const parameters *p)
{
    TRY(check_model(c, p, NULL));
    return load_values(c, p, "/parameters");
}

bool checkpoint_is_averaged(const checkpoint *c)
{
    return store_has(c->reader, "/average");
}

status checkpoint_load_model(const checkpoint *c, const parameters *p)
{
    TRY(check_model(c, p, NULL));
    return load_values(c, p, best_values(c));
}

status checkpoint_load_encoder(const checkpoint *c, const parameters *p)
{
    static const char *const passed[] = {"decoder.", "target_", "generator.", "length.", NULL};

    TRY(check_model(c, p, passed));
    return load_values(c, p, best_values(c));
}

status checkpoint_load_slot(const checkpoint *c, const parameters *p, const char *slot,
                            float *whole)
{
    char group[64];

    snprintf(group, sizeof(group), "/optimizer/%s", slot);
    memset(whole, 0, p->floats * sizeof(*whole));
    return tensors_load(p, whole, group, c->reader);
}

status checkpoint_load_average(const checkpoint *c, const parameters *p, float *whole)
{
    memset(whole, 0, p->floats * sizeof(*whole));
    return tensors_load(p, whole, "/average", c->reader);
}

double checkpoint_score(const checkpoint_progress *progress)
{
    return progress->validated_step == progress->step ? progress->validated_metric : NAN;
}

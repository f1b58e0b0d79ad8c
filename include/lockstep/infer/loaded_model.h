/* loaded_model.h - a trained model to be used: out of a checkpoint, with the configuration
 * and the sides that it holds. */
#ifndef LOCKSTEP_INFER_LOADED_MODEL_H
#define LOCKSTEP_INFER_LOADED_MODEL_H

#include "lockstep/base/arena.h"
#include "lockstep/base/file.h"
#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/sides.h"
#include "lockstep/model/transformer.h"

typedef struct loaded_model {
    char path[FILE_PATH_MAX]; /* of the checkpoint */
    int64_t step;
    config config;
    sides sides;
    transformer *model; /* does not train */
    arena arena;
} loaded_model;

/* [collective] `path` is a checkpoint or a run's folder (its best checkpoint by validation,
 * or else the newest); `overrides` are those of --set, which may not change the model.
 * Chooses the kernels too (environment.h), and how long ranks wait for each other: the
 * configuration's distributed.stall_seconds. `*out` is owned: loaded_model_close, also after
 * a failure. */
MUST_CHECK status loaded_model_open(loaded_model *out, world *world, const char *path,
                                    const char *const *overrides, int count);
void loaded_model_close(loaded_model *m); /* a zeroed one is fine */

/* The most tokens that a source may have, <end> not counted, and a target likewise. */
int loaded_model_length(const loaded_model *m);

#endif

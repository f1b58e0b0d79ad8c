/* fresh_dataset.h - the dataset of a configuration, made first where it must be. */
#ifndef LOCKSTEP_TRAIN_FRESH_DATASET_H
#define LOCKSTEP_TRAIN_FRESH_DATASET_H

#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"

/* [collective] `known`: what the run was trained on (dataset_is), on rank 0; NULL: nothing yet,
 * and anything will do. Rank 0 verifies the dataset of `config`, and prepares it when it is
 * missing or its inputs changed (dataset.h), with the help of all; then every rank opens
 * it. `*out` is owned: dataset_close. All ranks end alike. STATUS_CONFIG when the run would get
 * other data; then nothing was replaced. */
MUST_CHECK status fresh_dataset_open(dataset **out, world *world, const config *config,
                                     const uint64_t *known);

/* [collective] Prepare it without opening it; no input may be gone. `*made` on rank 0: was it
 * prepared now? */
MUST_CHECK status fresh_dataset_prepare(world *world, const config *config, bool *made);

#endif

/* validation.h - losses of a model on a set, when fed the truth. */
#ifndef LOCKSTEP_INFER_VALIDATION_H
#define LOCKSTEP_INFER_VALIDATION_H

#include "lockstep/config/config.h"
#include "lockstep/data/loader.h"
#include "lockstep/infer/tally.h"
#include "lockstep/model/transformer.h"

/* [collective] All of `from` (not shuffled, grains = c->batch.grains), from its beginning.
 * STATUS_STOPPED on all ranks when a signal asked one of them to stop. */
MUST_CHECK status validation_losses(world *world, loader *from, const config *c,
                                    const transformer *model, arena *arena, losses *out);

#endif

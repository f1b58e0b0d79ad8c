/* feeding.h - what the decoder is fed while it learns: what the task makes of the truth, of
 * which scheduled sampling (sampling.h) and noise (teacher_noise.h) change a share.
 */
#ifndef LOCKSTEP_TRAIN_FEEDING_H
#define LOCKSTEP_TRAIN_FEEDING_H

#include "lockstep/model/transformer.h"

/* For the step that `done` steps came before: as many rows as the truth has, in the pass's
 * arena. `memory` is that of the learning pass `p`. */
packed feeding_push(const transformer *model, const config *c, int64_t done, const pass *p,
                    const body_memory *memory, const packed *truth);

#endif

/* feeding.h - what the decoder is fed while it learns: what the task makes of the truth, of
 * which scheduled sampling (sampling.h) and noise (teacher_noise.h) change a share.
 */
#ifndef LOCKSTEP_TRAIN_FEEDING_H
#define LOCKSTEP_TRAIN_FEEDING_H

#include "lockstep/model/transformer.h"

/* For the step that `done` steps came before, in the pass's arena. `memory` is that of the
 * learning pass `p`. */
feed feeding_push(const transformer *model, const config *c, int64_t done, pass *p,
                  const body_memory *memory, const packed *truth);

#endif

/* sampling.h - scheduled sampling (Bengio et al. 2015) as Mihaylova & Martins (2019) do it
 * for Transformers: passes of the decoder without gradient predict, and a share of what the
 * decoder is fed becomes the predictions.
 */
#ifndef LOCKSTEP_TRAIN_SAMPLING_H
#define LOCKSTEP_TRAIN_SAMPLING_H

#include "lockstep/model/transformer.h"

typedef struct sampling {
    double teacher_forcing; /* e: the share that stays as it is */
    bool draws;             /* predictions are drawn; else they are the likeliest symbols */
    double temperature;     /* of the draws */
    int passes;
} sampling;

/* The sampling of the step that `done` steps came before; e is 1 when it is off. */
sampling sampling_at(const config *c, int64_t done);

bool sampling_is_on(const sampling *s);

/* Put predictions into target->ids, which is `ids` [target->rows]: at each place but a
 * sentence's first, with probability 1 - e, the one made at the place before. The places are
 * chosen once; further passes predict the same ones anew, from what the pass before left.
 * Places and draws depend on (seed, draw, grain, row in the grain) alone. `memory` is the
 * learning pass's; the passes have no dropout and no statistics of the batch. */
void sampling_mix(const sampling *s, const transformer *t, const pass *learning,
                  const body_memory *memory, const packed *target, int32_t *ids);

#endif

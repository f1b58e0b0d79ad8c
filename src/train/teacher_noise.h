/* teacher_noise.h - noise in what the decoder is fed while it learns: words replaced by
 * others, dropped (Bowman et al. 2016) and swapped, so that it does not come to rely on a
 * past without mistakes.
 */
#ifndef LOCKSTEP_TRAIN_TEACHER_NOISE_H
#define LOCKSTEP_TRAIN_TEACHER_NOISE_H

#include "lockstep/config/config.h"
#include "lockstep/nn/pass.h"

typedef struct teacher_noise {
    double replace, drop, swap; /* probabilities, together at most 1 */
    int symbols;                /* of the target's vocabulary */
} teacher_noise;

/* The noise of the step that `done` steps came before. */
teacher_noise teacher_noise_at(const config *c, int64_t done, int symbols);

bool teacher_noise_is_on(const teacher_noise *n);

/* Disturb ids [target->rows], which stand in the sentences of `target`. Each place but a
 * sentence's first, from left to right: its token becomes a word drawn evenly from the
 * vocabulary, or becomes <unk>, or changes places with the next one of its sentence unless it
 * has just done so with the one before: with a probability of p in p / (1 + p) of the places
 * of a long sentence. One number per place decides, which depends on (seed, draw, grain, row
 * in the grain) alone. */
void teacher_noise_add(const teacher_noise *n, const pass *pass, const packed *target,
                       int32_t *ids);

#endif

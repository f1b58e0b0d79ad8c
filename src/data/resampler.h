/* resampler.h - samples at another rate: the one door to libsoxr. */
#ifndef LOCKSTEP_SRC_DATA_RESAMPLER_H
#define LOCKSTEP_SRC_DATA_RESAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

/* In double, at libsoxr's very high quality: 28 bits, flat to 0.01 dB up to nine tenths of half
 * the lower rate, linear phase, no delay. In which portions samples come does not matter. */
typedef struct resampler resampler;

/* Rates in Hz. `*out` is owned: resampler_destroy. */
MUST_CHECK status resampler_create(resampler **out, int from, int to);
void resampler_destroy(resampler *resampler); /* NULL is fine */

/* Samples that so many become: count * to / from, rounded to nearest. */
uint64_t resampler_length(int from, int to, uint64_t count);

/* Take the first `*taken` of `count` samples, and give the next `*made` ones, at most `room`
 * (at least 1). To be called until all are taken. */
MUST_CHECK status resampler_run(resampler *resampler, const double *samples, size_t count,
                                size_t *taken, double *to, size_t room, size_t *made);

/* After the last sample: what is still to come, in portions; `*made` is 0 when that was all.
 * Then as many were made as resampler_length says. */
MUST_CHECK status resampler_finish(resampler *resampler, double *to, size_t room, size_t *made);

#endif

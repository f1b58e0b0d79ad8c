/* audio_features.h - an audio file as rows of log-mel energies.
 *
 * The mean of the channels, resampled to `rate`; every `hop` a periodic Hann window of
 * `window` (both rounded to whole samples), its power spectrum |X|^2 by a Fourier transform
 * as long as the next power of two; triangles that are equally wide on HTK's mel scale,
 * mel(f) = 2595 log10(1 + f / 700), from 20 Hz to rate / 2, each straight in mel and 1 at its
 * middle; ln(max(energy, 1e-10)). Of each mel the utterance's mean is taken away, and it is
 * divided by sqrt(variance + 1e-5). `stack` frames one after another make a row. Samples are
 * -1..1 whatever a file's bits; sums are in double.
 */
#ifndef LOCKSTEP_DATA_AUDIO_FEATURES_H
#define LOCKSTEP_DATA_AUDIO_FEATURES_H

#include <stddef.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"

typedef struct audio_settings {
    int rate, mels, stack;
    double window, hop; /* ms */
} audio_settings;

/* What the keys of an audio side say. */
audio_settings audio_settings_of(const config_side *side);

/* Tables and plans. Of use to one thread at a time; no two are to be created or destroyed at
 * the same time in a process. */
typedef struct audio_features audio_features;

/* STATUS_CONFIG when there are more mels than the window tells apart. `*out` is owned:
 * audio_features_destroy, for which NULL is fine. */
MUST_CHECK status audio_features_create(audio_features **out, const audio_settings *settings);
void audio_features_destroy(audio_features *features);

/* Append the file's rows, uint16_t [*rows, stack * mels] as of base/half.h, to `to`. At least
 * one row, else STATUS_INPUT, which names the file and says what is wrong with it: missing,
 * empty, not audio, truncated, silent, too short. When it has more than `most` rows, nothing
 * is appended, and *rows says how many. Memory grows with the rows that are appended, not
 * with what the file claims to hold. */
MUST_CHECK status audio_features_load(audio_features *features, const char *path, size_t most,
                                      buffer *to, size_t *rows);

#endif

/* made_audio.h - audio files that are made up. */
#ifndef LOCKSTEP_TESTS_MADE_AUDIO_H
#define LOCKSTEP_TESTS_MADE_AUDIO_H

#include <stdbool.h>
#include <stddef.h>

/* wav8, wav16, wav24, wav32, wavfloat, wavdouble, wavulaw, rf64, aiff, flac8, flac16, flac24,
 * vorbis, opus, mp3. The frames are [count, channels]. False when the library at hand cannot
 * write the kind; whatever else goes wrong fails the test. */
bool made_audio_write(const char *path, const char *kind, int rate, int channels,
                      const double *frames, size_t count);

/* A sweep with some noise, another for each channel, -0.8..0.8. `count` frames into
 * [count, channels]. */
void made_audio_sweep(double *frames, size_t count, int channels, int rate);

/* Both: so many seconds of a sweep. */
bool made_audio_save(const char *path, const char *kind, int rate, int channels,
                     double seconds);

/* Where a file of a test may stand, between the two fixtures. */
extern char made_audio_path[80];
void made_audio_setup(void);
void made_audio_teardown(void);

#endif

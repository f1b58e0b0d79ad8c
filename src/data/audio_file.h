/* audio_file.h - the samples of an audio file: the one door to libsndfile. */
#ifndef LOCKSTEP_SRC_DATA_AUDIO_FILE_H
#define LOCKSTEP_SRC_DATA_AUDIO_FILE_H

#include <stddef.h>

#include "lockstep/base/status.h"

/* An open file. Memory does not depend on what is in it. */
typedef struct audio_file audio_file;

enum { AUDIO_RATE_MIN = 1000, AUDIO_RATE_MAX = 1000000 }; /* Hz */

/* WAV, AIFF, FLAC, Ogg (Vorbis, Opus) and MP3, of any sample format. STATUS_INPUT names the
 * file and what is wrong: missing, empty, not audio, truncated, a header that makes no sense.
 * `path` is borrowed until audio_file_close, by which `*out` is owned. */
MUST_CHECK status audio_file_open(audio_file **out, const char *path);
void audio_file_close(audio_file *file); /* NULL is fine */

int audio_file_rate(const audio_file *file); /* Hz */

/* The next samples, at most `most`, each the mean of the channels, -1..1 unless the file's
 * are numbers with a point, which may be beyond. `*count` is 0 at the end alone. STATUS_INPUT
 * when what follows is damaged, is not finite, or is less than the header promised. */
MUST_CHECK status audio_file_read(audio_file *file, double *to, size_t most, size_t *count);

#endif

/* made_audio.c - audio files that are made up. */
#include "made_audio.h"

#include <math.h>
#include <sndfile.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static const struct kind {
    const char *name;
    int format;
} kinds[] = {{"wav8", SF_FORMAT_WAV | SF_FORMAT_PCM_U8},
             {"wav16", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
             {"wav24", SF_FORMAT_WAV | SF_FORMAT_PCM_24},
             {"wav32", SF_FORMAT_WAV | SF_FORMAT_PCM_32},
             {"wavfloat", SF_FORMAT_WAV | SF_FORMAT_FLOAT},
             {"wavdouble", SF_FORMAT_WAV | SF_FORMAT_DOUBLE},
             {"wavulaw", SF_FORMAT_WAV | SF_FORMAT_ULAW},
             {"rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16},
             {"aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16},
             {"flac8", SF_FORMAT_FLAC | SF_FORMAT_PCM_S8},
             {"flac16", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
             {"flac24", SF_FORMAT_FLAC | SF_FORMAT_PCM_24},
             {"vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
             {"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS},
             {"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}};

static int format_of(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].format;
    ck_abort_msg("no kind %s", name);
}

bool made_audio_write(const char *path, const char *kind, int rate, int channels,
                      const double *frames, size_t count)
{
    SF_INFO about = {.samplerate = rate, .channels = channels, .format = format_of(kind)};
    SNDFILE *file;

    if (!sf_format_check(&about))
        return false;
    file = sf_open(path, SFM_WRITE, &about);
    ck_assert_msg(file != NULL, "%s: %s", path, sf_strerror(NULL));
    ck_assert_int_eq(sf_writef_double(file, frames, (sf_count_t)count), (sf_count_t)count);
    ck_assert_int_eq(sf_close(file), 0);
    return true;
}

void made_audio_sweep(double *frames, size_t count, int channels, int rate)
{
    uint32_t noise = 1;
    double phase = 0.0;

    for (size_t t = 0; t < count; t++) {
        double share = (double)t / (double)count;

        phase += 2.0 * acos(-1.0) * (100.0 + share * rate / 3.0) / rate;
        for (int c = 0; c < channels; c++) {
            noise = noise * 1664525U + 1013904223U;
            frames[t * (size_t)channels + (size_t)c] =
                0.6 * sin(phase + c) * (0.2 + 0.8 * share) +
                0.2 * ((double)(noise >> 8) / 0x1p23 - 1.0);
        }
    }
}

bool made_audio_save(const char *path, const char *kind, int rate, int channels, double seconds)
{
    size_t count = (size_t)(seconds * rate);
    double *frames = memory_create(count * (size_t)channels, sizeof *frames);
    bool written;

    ck_assert_ptr_nonnull(frames);
    made_audio_sweep(frames, count, channels, rate);
    written = made_audio_write(path, kind, rate, channels, frames, count);
    memory_destroy(frames);
    return written;
}

/* ---- where it stands ---- */

char made_audio_path[80];
static char folder[64];

void made_audio_setup(void)
{
    snprintf(folder, sizeof folder, "/tmp/lockstep-audio-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(made_audio_path, sizeof made_audio_path, "%s/x", folder);
}

void made_audio_teardown(void)
{
    unlink(made_audio_path);
    rmdir(folder);
}

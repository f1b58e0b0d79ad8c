/* made_tone.c - small WAV files. */
#include "made_tone.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "made_audio.h"
#include "unit_check.h"

enum { RATE = 8000 };

void made_tone_save(const char *path, int milliseconds, double hertz)
{
    size_t samples = (size_t)milliseconds * RATE / 1000;
    double *frames = malloc(samples * sizeof(*frames));
    uint32_t noise = 1;

    ck_assert_ptr_nonnull(frames);
    for (size_t i = 0; i < samples; i++) {
        noise = noise * 1664525 + 1013904223;
        double value = 8000 * sin(6.283185307179586 * hertz * (double)i / RATE) +
                       (double)(noise >> 20) - 2048;
        frames[i] = value / 32768;
    }
    ck_assert(made_audio_write(path, "wav16", RATE, 1, frames, samples));
    free(frames);
}

config_side made_tone_side(void)
{
    return (config_side){
        .kind = INPUT_AUDIO, .rate = RATE, .mels = 8, .stack = 2, .window = 25, .hop = 10};
}

void made_tone_save_text(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

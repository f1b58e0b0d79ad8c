/* made_tone.c - small WAV files. */
#include "made_tone.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "unit_check.h"

enum { RATE = 8000, HEAD = 44 };

/* Little endian, as WAV has it. */
static void put(unsigned char *to, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static void put_head(unsigned char *to, uint32_t data)
{
    memcpy(to, "RIFF....WAVEfmt ", 16);
    put(to + 4, HEAD - 8 + data, 4);
    put(to + 16, 16, 4);
    put(to + 20, 1, 2); /* PCM */
    put(to + 22, 1, 2); /* channels */
    put(to + 24, RATE, 4);
    put(to + 28, RATE * 2, 4);
    put(to + 32, 2, 2);
    put(to + 34, 16, 2);
    memcpy(to + 36, "data", 4);
    put(to + 40, data, 4);
}

void made_tone_save(const char *path, int milliseconds, double hertz)
{
    size_t samples = (size_t)milliseconds * RATE / 1000;
    unsigned char *bytes = malloc(HEAD + samples * 2);
    uint32_t noise = 1;

    ck_assert_ptr_nonnull(bytes);
    put_head(bytes, (uint32_t)(samples * 2));
    for (size_t i = 0; i < samples; i++) {
        noise = noise * 1664525 + 1013904223;
        double value = 8000 * sin(6.283185307179586 * hertz * (double)i / RATE) +
                       (double)(noise >> 20) - 2048;
        put(bytes + HEAD + 2 * i, (uint32_t)(int32_t)value, 2);
    }
    ck_assert_int_eq(file_save(path, bytes, HEAD + samples * 2), STATUS_OK);
    free(bytes);
}

void made_tone_save_text(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

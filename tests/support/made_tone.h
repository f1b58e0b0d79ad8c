/* made_tone.h - small WAV files. */
#ifndef LOCKSTEP_TESTS_MADE_TONE_H
#define LOCKSTEP_TESTS_MADE_TONE_H

#include "lockstep/config/config.h"

/* A tone of `hertz` with a soft noise, so many milliseconds of it: mono, 16 bit, 8 kHz. */
void made_tone_save(const char *path, int milliseconds, double hertz);

/* A source of such files, in rows of 2 x 8 mels. */
config_side made_tone_side(void);

/* The bytes of text as a file. */
void made_tone_save_text(const char *path, const char *text);

#endif

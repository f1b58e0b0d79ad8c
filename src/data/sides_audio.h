/* sides_audio.h - the audio side of pairs: its settings as text, and its files. */
#ifndef LOCKSTEP_SRC_DATA_SIDES_AUDIO_H
#define LOCKSTEP_SRC_DATA_SIDES_AUDIO_H

#include "lockstep/base/buffer.h"
#include "lockstep/data/sides.h"

/* "rate 16000 mels 80 window 25 hop 10 stack 4", which a fingerprint and a file hold. */
MUST_CHECK status sides_audio_print(const audio_settings *settings, buffer *out);

/* Of a source of audio to a file, and back where the file has one: STATUS_FORMAT for settings
 * that a configuration could not say. */
MUST_CHECK status sides_audio_save(const sides *sides, store_writer *writer);
MUST_CHECK status sides_audio_load(sides *out, bool joint, store_reader *reader);

/* As sides_encode, of a side of audio. */
MUST_CHECK status sides_audio_encode(const sides *sides, dataset_side side,
                                     const corpus_line *name, const char *folder, size_t most,
                                     pair_set *to, size_t *length);

#endif

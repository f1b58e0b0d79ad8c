/* audio_ahead.h - the pairs of a corpus of audio, their files read ahead a block at a time by a
 * crew. */
#ifndef LOCKSTEP_SRC_DATA_AUDIO_AHEAD_H
#define LOCKSTEP_SRC_DATA_AUDIO_AHEAD_H

#include <stdbool.h>

#include "lockstep/data/audio_block.h"
#include "lockstep/data/corpus.h"

typedef struct audio_ahead audio_ahead;

/* Borrows all of it. `folder`: what names are relative to (audio_path.h); `most`: rows of a
 * file. `*out` is owned: audio_ahead_close. */
MUST_CHECK status audio_ahead_open(audio_ahead **out, corpus *from, const char *folder,
                                   const audio_crew *crew, size_t most);
void audio_ahead_close(audio_ahead *ahead); /* NULL is fine */

/* As corpus_next, with what became of the source's file: no rows where the source is empty.
 * Borrowed until the next call. */
MUST_CHECK status audio_ahead_next(audio_ahead *ahead, corpus_line lines[SIDES],
                                   audio_outcome *file, bool *end);

#endif

/* audio_lines.h - the audio files that lines of input name, read by all ranks together. */
#ifndef LOCKSTEP_INFER_AUDIO_LINES_H
#define LOCKSTEP_INFER_AUDIO_LINES_H

#include "lockstep/comm/world.h"
#include "lockstep/data/audio_block.h"
#include "lockstep/data/corpus.h"

/* Start from {0}. Owned: audio_lines_free. */
typedef struct audio_lines {
    const audio_outcome *files; /* [lines] of an empty line: OK, no rows */

    audio_block block;
    buffer outcomes, records, mine;
} audio_lines;

/* Lines of input, `stride` apart, relative to `folder` ("": the working directory). */
typedef struct audio_names {
    const corpus_line *lines;
    int count, stride;
    const char *folder;
} audio_names;

/* [collective] Read the files, each by one rank, for all: `self->files` has what became of
 * them, of those with more than `most` rows how many, until the next call. All ranks have the
 * same `names`. A file that cannot be read is no failure. */
MUST_CHECK status audio_lines_read(audio_lines *self, world *world, audio_features *features,
                                   const audio_names *names, size_t most);
void audio_lines_free(audio_lines *self);

#endif

/* line_sources.h - the sources that the lines of a block hold: text, or names of audio files,
 * which all ranks read together.
 */
#ifndef LOCKSTEP_SRC_CLI_LINE_SOURCES_H
#define LOCKSTEP_SRC_CLI_LINE_SOURCES_H

#include "block.h"
#include "lockstep/infer/audio_lines.h"
#include "lockstep/infer/loaded_model.h"

/* Owned: line_sources_free. */
typedef struct line_sources {
    world *world;              /* borrowed, as the rest */
    const loaded_model *model; /* whose sides say what a source is */
    const char *folder;      /* names of files are relative to it; "": the working directory */
    const char *consequence; /* for a file that is passed over: "its score is nan" */
    int columns;             /* of a line, the source the first of them */
    int64_t bad;             /* files passed over */
    audio_lines files;
} line_sources;

/* How many lines a block is to have, for block_source. */
int line_sources_lines(const line_sources *s);

/* Of pairs given in place of sources, which are decoded all the same: a target may hold a tab. */
void line_sources_warn_of_pairs(const block *b);

/* [collective] Read what the block's lines name, before any of them is put. */
MUST_CHECK status line_sources_read(line_sources *s, const block *b);

/* Put a line's source, as sides_encode has it. An audio file that cannot be read is passed over
 * where data.skip_bad wants it, with a warning: *length is 0. Else STATUS_INPUT, the number of
 * the line in front. */
MUST_CHECK status line_sources_put(line_sources *s, const block *b, int line, size_t most,
                                   pair_set *to, size_t *length);

void line_sources_free(line_sources *s);

#endif

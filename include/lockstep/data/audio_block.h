/* audio_block.h - audio files that are read together, their work shared by the members of a
 * crew: the processes of a job, or one alone.
 *
 * What a file becomes does not depend on who reads it, so the crew does not show in a dataset.
 */
#ifndef LOCKSTEP_DATA_AUDIO_BLOCK_H
#define LOCKSTEP_DATA_AUDIO_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/data/audio_features.h"

/* What a block has of each member at most: enough to keep all busy, and not much memory. */
enum { AUDIO_BLOCK_FILES = 256, AUDIO_BLOCK_BYTES = 8 << 20 };

/* Start from {0}. Owned: audio_block_free. */
typedef struct audio_block {
    buffer paths; /* each ended by a 0 byte */
    int files;
    uint64_t bytes; /* of all files that are there */
    size_t most;    /* rows; of a file with more there is only their number */
} audio_block;

MUST_CHECK status audio_block_add(audio_block *block, const char *path);
void audio_block_clear(audio_block *block); /* keeps the room */
void audio_block_free(audio_block *block);

/* Read every `members`-th file from number `member` on, and append a record of each to
 * `records`, of a file that cannot be read too. A signal to stop makes a record as well.
 * STATUS_NOMEM alone. */
MUST_CHECK status audio_block_read(const audio_block *block, audio_features *features,
                                   int member, int members, buffer *records);

/* What became of a file. */
typedef struct audio_outcome {
    status result;       /* STATUS_INPUT: it cannot be read */
    const char *message; /* that names the file; "" when OK */
    size_t rows;
    const void *frames; /* uint16_t [rows, width]; NULL when there are more than `most` */
} audio_outcome;

/* Fill out[block->files] with what the members' records, one after another, say; borrowed from
 * `records`, a block of memory that is aligned for any type. */
void audio_block_find(const audio_block *block, const buffer *records, audio_outcome *out);

/* Has the block enough for so many members? */
bool audio_block_is_full(const audio_block *block, int members);

/* Who reads blocks. */
typedef struct audio_crew {
    void *context; /* borrowed */
    int members;
    /* All records of a block, in the place of what `records` holds. */
    status (*read)(void *context, const audio_block *block, buffer *records);
} audio_crew;

/* This process alone; borrows `features`. */
audio_crew audio_crew_alone(audio_features *features);

#endif

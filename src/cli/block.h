/* block.h - lines of input for all ranks: rank 0 reads them, a block at a time, and every
 * rank gets the whole block.
 */
#ifndef LOCKSTEP_SRC_CLI_BLOCK_H
#define LOCKSTEP_SRC_CLI_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/comm/world.h"
#include "lockstep/data/corpus.h"

/* Lines that name audio files become much more. */
enum { BLOCK_LINES = 2048, BLOCK_AUDIO_LINES = 256, BLOCK_COLUMNS = 2 };

/* Where the lines come from; rank 0 alone calls. */
typedef struct block_source {
    void *user; /* borrowed */
    int columns;
    int lines; /* of a block, at most; 0: BLOCK_LINES */
    /* The next line in columns[0..columns), which live until the next call. */
    status (*next)(void *user, corpus_line *columns, bool *end);
    /* Does `next` give a line, or the end, by clock_seconds() `until`? */
    status (*ready)(void *user, double until, bool *ready);
} block_source;

/* Start from {0}. Owned: block_free. */
typedef struct block {
    int64_t first;      /* number of the block's first line in the input, from 1 */
    int lines;          /* 0: the input has ended */
    corpus_line *texts; /* [lines][columns] */

    buffer bytes; /* the texts, each ended by a 0 byte */
    buffer views; /* what texts points to */
    bool ended;
    status failure; /* of a line behind those that were read well */
    char message[1024];
} block;

/* [collective] The next lines, at most BLOCK_LINES and a few million bytes, and no more than
 * are there: who waits for an answer before the next line is written gets it.
 * Lines in front of one that cannot be read come first, then the failure, on all ranks.
 * STATUS_STOPPED on all ranks when a signal asked one of them to stop. */
MUST_CHECK status block_next(block *b, world *world, const block_source *from);
void block_free(block *b);

#endif

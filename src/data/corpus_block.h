/* corpus_block.h - a run of pairs of a corpus as its lines stand there, to be read elsewhere.
 *
 * Blocks are cut without a look at the lines: at line ends, as many of both files where there
 * are two, and of a CoNLL file between sentences. What is wrong with a line shows where the
 * block is read.
 */
#ifndef LOCKSTEP_SRC_DATA_CORPUS_BLOCK_H
#define LOCKSTEP_SRC_DATA_CORPUS_BLOCK_H

#include "lockstep/base/buffer.h"
#include "lockstep/data/corpus.h"

/* What a block has at least, where the corpus goes on: enough to be worth a message. */
enum { CORPUS_BLOCK_BYTES = 64 << 10 };

typedef struct corpus_block {
    int64_t before;   /* lines of the file in front of it */
    uint64_t columns; /* of a CoNLL file; 0: not known */
    uint64_t sizes[SIDES];
    const char *text[SIDES]; /* borrowed; where one file has both sides the first is all */
} corpus_block;

/* As text, appended; and back from all of it, which is borrowed. */
MUST_CHECK status corpus_block_save(const corpus_block *block, buffer *out);
corpus_block corpus_block_load(const char *saved);

/* Read it as the corpus that it was cut from. `*out` is owned: corpus_close. */
MUST_CHECK status corpus_open_block(corpus **out, const config_files *files,
                                    const corpus_block *block);

/* ---- cutting ---- */

typedef struct corpus_cutter corpus_cutter;

/* `*out` is owned: corpus_cutter_close. */
MUST_CHECK status corpus_cutter_open(corpus_cutter **out, const config_files *files);
void corpus_cutter_close(corpus_cutter *cutter); /* NULL is fine */

/* The next block, borrowed until the next call; one without text is the end. Fails as
 * text_source_read does, and with STATUS_INPUT where one of two files ends before the other;
 * corpus_next then says what is wrong. */
MUST_CHECK status corpus_cutter_next(corpus_cutter *cutter, corpus_block *out);

/* How much of all was cut so far, from 0 to 1; negative where that cannot be known. */
double corpus_cutter_share(const corpus_cutter *cutter);

#endif

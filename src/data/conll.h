/* conll.h - sentences of a CoNLL file: a token and its tag on a line, an empty line after each
 * sentence, and as many of them as there are.
 *
 * Columns are what white space separates, the same number in every line of the file, at least
 * two: the first is the token, the last its tag, others are passed over (CoNLL-2000, 2003).
 */
#ifndef LOCKSTEP_SRC_DATA_CONLL_H
#define LOCKSTEP_SRC_DATA_CONLL_H

#include "lockstep/base/buffer.h"
#include "lockstep/data/corpus.h"
#include "lockstep/data/text_file.h"

/* Start from {0}. Owned: conll_free. */
typedef struct conll {
    buffer tokens, tags; /* of the sentence, as far as it was read, with a space between two */
    size_t columns;      /* of every line; 0: none was read */
    int64_t first;       /* the line on which the sentence begins */
    bool whole, given;   /* the sentence */
    bool ended;          /* the file; what `tokens` holds is its last sentence */
} conll;

void conll_free(conll *c);

/* The next sentence: its tokens and its tags, borrowed until the next call. `*end`: there is
 * none. STATUS_INPUT with file:line for one column, or for another number than before. */
MUST_CHECK status conll_next(conll *c, text_file *from, corpus_line lines[SIDES], bool *end);

/* As text_file_ready, of a sentence. */
MUST_CHECK status conll_ready(conll *c, text_file *from, double until, bool *ready);

#endif

/* answer.h - the outputs of a block of lines: as records that travel between ranks, and as
 * lines of text.
 */
#ifndef LOCKSTEP_SRC_CLI_ANSWER_H
#define LOCKSTEP_SRC_CLI_ANSWER_H

#include <stdio.h>

#include "block.h"
#include "lockstep/infer/decoding.h"

typedef enum answer_format {
    ANSWER_TEXT,  /* outputs alone */
    ANSWER_TSV,   /* source, output and score, between tabs */
    ANSWER_PIECES /* outputs as symbols between spaces, not put together */
} answer_format;

/* False when `word` is none of "text", "tsv", "pieces". */
bool answer_format_find(const char *word, answer_format *out);

/* What is known of one output; it lives as long as the records do. */
typedef struct answer {
    int32_t line, n; /* of the block, from 0; 0 is the line's best output */
    int64_t pair;    /* of the sources */
    double score;
    bool ended;
    const char *text; /* NULL: there is no such output */
    const int32_t *ids;
    int32_t count, size; /* of the ids; of the text, its 0 byte not counted */
} answer;

/* Append a record of `output` as one of the block's line `line`. */
MUST_CHECK status answer_pack(buffer *records, int32_t line, const decoded *output);

/* Those of all lines, in their order. Start from {0}. Owned: answers_free. */
typedef struct answers {
    answer *list; /* [lines][each] */
    int lines, each;
} answers;

/* From `size` bytes of records in any order, borrowed, as memory_create aligns them. */
MUST_CHECK status answers_unpack(answers *out, int lines, int each, const char *records,
                                 size_t size);
void answers_free(answers *a);

/* `each` lines for each line of the block; where there are fewer outputs the rest is empty, and
 * its score nan. `sides` and the sources of the lines have the symbols of outputs. A tab inside
 * a field of tsv is written as a space. */
void answers_print(const answers *a, answer_format format, const sides *sides,
                   const pair_set *sources, const block *from, FILE *to);

#endif

/* answer.h - the outputs of a block of lines: as records that travel between ranks, and as
 * lines of text.
 */
#ifndef LOCKSTEP_SRC_CLI_ANSWER_H
#define LOCKSTEP_SRC_CLI_ANSWER_H

#include <stdio.h>

#include "arguments.h"
#include "block.h"
#include "lockstep/infer/decoding.h"

typedef enum answer_format {
    ANSWER_TEXT,  /* outputs alone */
    ANSWER_TSV,   /* source, output and score, between tabs; of labels all outputs */
    ANSWER_PIECES /* outputs as symbols between spaces, not put together */
} answer_format;

/* What --format asks for, or --output, of which `text`, `tsv` and `pieces` are formats of
 * standard output. STATUS_USAGE for another word, or two formats. */
MUST_CHECK status answer_format_read(const arguments *a, answer_format *out);
/* Where outputs go, as output_open has it. */
const char *answer_output(const arguments *a);
/* STATUS_USAGE for a format that such outputs do not have. */
MUST_CHECK status answer_format_check(answer_format format, task_output output);

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

/* How outputs are printed: in a format, of a kind; symbols are those of the sides and of the
 * lines' sources. */
typedef struct answer_style {
    answer_format format;
    task_output output;
    const sides *sides;
    const pair_set *sources;
} answer_style;

/* `each` lines for each line of the block; where there are fewer outputs the rest is empty, and
 * its score nan. Of labels one line: a label and its probability, or in tsv the source, and all
 * labels with theirs. A tab inside a field is written as a space, but for text of sequences. */
void answers_print(const answers *a, const answer_style *style, const block *from, FILE *to);

#endif

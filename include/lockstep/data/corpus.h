/* corpus.h - pairs of lines, from one file with a tab between, from two files, or from a
 * CoNLL file: the words of a sentence and their tags, with one space between two.
 */
#ifndef LOCKSTEP_DATA_CORPUS_H
#define LOCKSTEP_DATA_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/file.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/side.h"

typedef struct corpus corpus;

/* A side: UTF-8 that was checked. Borrowed until the next corpus_next. */
typedef struct corpus_line {
    const char *text;
    size_t size; /* bytes; may be 0 */
} corpus_line;

/* One of files->pairs, files->conll and both of source and target are given. `*out` is owned:
 * corpus_close. */
MUST_CHECK status corpus_open(corpus **out, const config_files *files);
void corpus_close(corpus *corpus); /* NULL is fine */

/* The next pair. An empty line in a file of pairs is a pair of empty sides. At the
 * end `*end` is true and there is no pair. STATUS_INPUT, with file:line, for a line
 * without exactly one tab, or of a CoNLL file for one without a tag or with other columns
 * than those before it, and for what text_file_next refuses; with both counts of
 * lines where two files differ in length. */
MUST_CHECK status corpus_next(corpus *corpus, corpus_line lines[SIDES], bool *end);

/* Say of what a caller could not do with the last pair where it stands: file:line, of both
 * files where there are two, and of a CoNLL file that on which the sentence begins. Returns
 * `result`, a failure. */
status corpus_blame(const corpus *corpus, status result);

/* As text_file_ready, of both files. */
MUST_CHECK status corpus_ready(corpus *corpus, double until, bool *ready);

/* How many pairs there are, before the first is read; negative when only reading tells. */
int64_t corpus_pairs(corpus *corpus);

/* Where pair `number`, from 1, has its source, "x.tsv:7: " before the last message; gives
 * `code`. */
status corpus_fail_at(const corpus *corpus, int64_t number, status code);

/* "x.tsv" or "x.en and x.de", for messages. Borrowed. */
const char *corpus_name(const corpus *corpus);
/* The same without opening it, into `out`, which is given. */
enum { CORPUS_NAME = 2 * FILE_PATH_MAX };
const char *corpus_print_name(const config_files *files, char out[CORPUS_NAME]);

#endif

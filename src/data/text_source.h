/* text_source.h - the bytes of a text: a file or standard input, plain or gzip.
 *
 * The only door to zlib. What was compressed in another way, or is encoded in another way
 * than UTF-8, is told by its first bytes and refused. Messages do not name the path.
 */
#ifndef LOCKSTEP_SRC_DATA_TEXT_SOURCE_H
#define LOCKSTEP_SRC_DATA_TEXT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct text_source text_source;

/* "-" is standard input. STATUS_INPUT, with path and reason, when it cannot be opened.
 * `*out` is owned: text_source_close. */
MUST_CHECK status text_source_open(text_source **out, const char *path);
void text_source_close(text_source *source); /* NULL is fine */

/* Lines of a plain regular file from where it is read on, found by going through it once;
 * negative for anything else. Before the first read. */
int64_t text_source_lines(text_source *source);

/* At least one of the next bytes, at most `room`, as soon as they are there; `*got` 0 at
 * the end. STATUS_INPUT for what is no text and for damaged gzip; STATUS_STOPPED when a
 * signal ended the wait. */
MUST_CHECK status text_source_read(text_source *source, char *bytes, size_t room, size_t *got);

/* Bytes of the file that were used so far. */
uint64_t text_source_place(const text_source *source);

/* Is nothing there, and nothing coming until clock_seconds() is `until`? */
bool text_source_waits(const text_source *source, double until);

#endif

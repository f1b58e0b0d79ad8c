/* text_file.h - lines of UTF-8 from a file, plain or gzip, or from standard input.
 *
 * Memory is that of the longest line.
 */
#ifndef LOCKSTEP_DATA_TEXT_FILE_H
#define LOCKSTEP_DATA_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct text_file text_file;

/* "-" is standard input. A line is given as soon as it is there, of a pipe too.
 * STATUS_INPUT, with path and reason, when it cannot be opened. `*out` is owned:
 * text_file_close. */
MUST_CHECK status text_file_open(text_file **out, const char *path);
/* Whole lines of it that are in memory, borrowed; `before` stand in front of them. Of these
 * text_file_lines does not tell. */
MUST_CHECK status text_file_open_lines(text_file **out, const char *path, const char *lines,
                                       size_t size, int64_t before);
void text_file_close(text_file *file); /* NULL is fine */

/* The next line, without its newline or carriage return and newline, ended by a 0
 * byte; borrowed until the next call. A byte order mark before the first line is
 * passed over. At the end of the file `*end` is true and there is no line.
 * STATUS_INPUT with path:line for bytes that are not UTF-8 (which the message
 * places), damaged gzip, what was compressed otherwise and lines that end with carriage
 * returns alone; STATUS_STOPPED when a signal ended the wait. */
MUST_CHECK status text_file_next(text_file *file, const char **line, size_t *size, bool *end);

/* Would text_file_next give its line, or the end, without waiting for the writer of a pipe
 * any longer than until clock_seconds() is `until`? A file is always ready. Fails as
 * text_file_next does, and ends what that gave. */
MUST_CHECK status text_file_ready(text_file *file, double until, bool *ready);

/* How many lines there are from here on, before the first is read; negative when only reading
 * tells: a pipe, gzip. */
int64_t text_file_lines(text_file *file);

/* How many lines were given so far: the number of the last one. */
int64_t text_file_line(const text_file *file);
/* For messages; "standard input" for "-". Borrowed. */
const char *text_file_path(const text_file *file);

#endif

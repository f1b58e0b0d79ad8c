/* json.h - one JSON object, written piece by piece.
 *
 * What is added is valid JSON whatever it holds: texts are escaped, bytes of them that are
 * not UTF-8 become U+FFFD, and a number that is not finite becomes null. A failure to find
 * memory is kept until json_end_line.
 */
#ifndef LOCKSTEP_BASE_JSON_H
#define LOCKSTEP_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* Significant digits that read back to the same float, and to the same double. */
enum { JSON_FLOAT = 9, JSON_DOUBLE = 17 };

/* Start from {0}. Owned: json_free. */
typedef struct json {
    buffer text;
    bool separate; /* a comma comes before what is added next */
    bool new_line; /* what comes next begins a line */
    status failure;
} json;

/* `key` NULL: the outermost object, or an element of a list. */
void json_begin(json *j, const char *key);
void json_end(json *j);
void json_begin_list(json *j, const char *key);
void json_end_list(json *j);
/* What comes next, be it an end, begins a line of the file. */
void json_break(json *j);

void json_add_text(json *j, const char *key, const char *text);
void json_add_integer(json *j, const char *key, int64_t value);
/* Rounded to so many significant digits. */
void json_add_number(json *j, const char *key, double value, int digits);
/* Rounded to so many decimals, none of which is left out. */
void json_add_fixed(json *j, const char *key, double value, int decimals);
/* `size` bytes that are a JSON value already. */
void json_add_value(json *j, const char *key, const char *text, size_t size);
void json_add_bool(json *j, const char *key, bool value);

/* A newline behind the object; whether all of it found memory. */
MUST_CHECK status json_end_line(json *j);

/* json_end_line, the object to `out`, which is flushed, and start anew (keeping the room).
 * `name` stands for the file in a message. */
MUST_CHECK status json_write(json *j, FILE *out, const char *name);
/* The same to standard output; frees. */
MUST_CHECK status json_print(json *j);

void json_free(json *j);

#endif

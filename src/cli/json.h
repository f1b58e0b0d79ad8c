/* json.h - one JSON object, written piece by piece.
 *
 * Keys are literals of ours; values are escaped. A failure to find memory is kept until
 * json_print.
 */
#ifndef LOCKSTEP_SRC_CLI_JSON_H
#define LOCKSTEP_SRC_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"

/* Start from {0}. */
typedef struct json {
    buffer text;
    bool separate; /* a comma comes before what is added next */
    status failure;
} json;

/* `key` NULL: the outermost object, or an element of a list. */
void json_begin(json *j, const char *key);
void json_end(json *j);
void json_begin_list(json *j, const char *key);
void json_end_list(json *j);

void json_add_text(json *j, const char *key, const char *text);
void json_add_integer(json *j, const char *key, int64_t value);
void json_add_number(json *j, const char *key, double value); /* null when not finite */
void json_add_bool(json *j, const char *key, bool value);

/* The object and a newline to standard output; frees. */
MUST_CHECK status json_print(json *j);

#endif

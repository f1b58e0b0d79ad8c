/* record.h - a JSON object read back: lines of metrics.jsonl and starts.jsonl. */
#ifndef LOCKSTEP_CONFIG_RECORD_H
#define LOCKSTEP_CONFIG_RECORD_H

#include <stddef.h>

#include "lockstep/base/status.h"

typedef struct record record;

/* What a path leads to: "loss", "hosts/0/name". Numbers that are not there, or null, are NaN;
 * texts NULL. A text is the record's, as long as it is visited. */
double record_number(const record *r, const char *path);
const char *record_text(const record *r, const char *path);

/* Visit the records of a file of one object a line, as they come; `line` has no 0 byte at its
 * end. A line that is no JSON object, such as one that was cut short, is passed over. A
 * file that is not there, or is a pipe, has none. STATUS_INPUT when it cannot be read. */
typedef status (*record_visit)(void *user, const record *r, const char *line, size_t size);
MUST_CHECK status record_visit_all(const char *path, record_visit visit, void *user);

#endif

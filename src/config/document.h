/* document.h - YAML text as a stream of dotted keys, read by libfyaml.
 *
 * The part of YAML that a configuration needs: nested mappings, block or flow, scalars, and
 * lists of scalars. Other lists, aliases, tags, several documents and duplicate keys are
 * refused.
 */
#ifndef LOCKSTEP_SRC_CONFIG_DOCUMENT_H
#define LOCKSTEP_SRC_CONFIG_DOCUMENT_H

#include <stdbool.h>

#include "lockstep/base/status.h"

typedef struct document_entry {
    const char *path; /* dotted: "data.source.kind" */
    int line;         /* of the key, from 1 */
    bool section;     /* a mapping begins; its keys follow */
    bool list;        /* the value is one: its items stand in text, with a line feed between */
    const char *text; /* of a scalar; NULL for null. Borrowed during the visit */
    bool quoted;      /* the scalar stood in quotes */
} document_entry;

/* What to do with each entry; a failure ends the reading and is returned, its
 * message behind the place. */
typedef status (*document_visit)(void *user, const document_entry *entry);

/* Visit every entry of `text`. With `base` NULL the text is a file: mappings from
 * the top, at least one key. With a base path the text is the value of that key: a flow
 * mapping, or a value in quotes; the empty text is null. `name` begins every message
 * ("NAME:LINE: ..." for a file, "NAME: ..." else). STATUS_CONFIG for what is not
 * such YAML, and for a key that is there twice. */
MUST_CHECK status document_load(const char *name, const char *base, const char *text,
                                document_visit visit, void *user);

/* Visit the one entry of a key that has one value, given by itself: `text` as it stands, but
 * for null (or no text), and for what begins with a quote, which is read as YAML. */
MUST_CHECK status document_load_value(const char *name, const char *path, const char *text,
                                      document_visit visit, void *user);

#endif

/* spill.h - values set aside in a nameless file until their number is known.
 *
 * A tensor's size stands in front of its values, and a corpus is larger than
 * memory: prepare spills one side of a split, then copies it into the dataset.
 */
#ifndef LOCKSTEP_DATA_SPILL_H
#define LOCKSTEP_DATA_SPILL_H

#include <stddef.h>

#include "lockstep/base/status.h"

typedef struct spill spill;

/* A file beside `path`, gone when the process ends, whatever way. `*out` is owned:
 * spill_destroy. */
MUST_CHECK status spill_create(spill **out, const char *path);
void spill_destroy(spill *spill); /* NULL is fine */

MUST_CHECK status spill_add(spill *spill, const void *bytes, size_t size);

/* Back to the first byte; nothing is added after this. */
MUST_CHECK status spill_rewind(spill *spill);

/* The next at most `room` bytes; `*size` is 0 at the end. */
MUST_CHECK status spill_next(spill *spill, void *bytes, size_t room, size_t *size);

#endif

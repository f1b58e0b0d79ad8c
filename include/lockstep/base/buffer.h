/* buffer.h - a text or byte sequence that grows. */
#ifndef LOCKSTEP_BASE_BUFFER_H
#define LOCKSTEP_BASE_BUFFER_H

#include <stddef.h>

#include "lockstep/base/status.h"

/* Start from {0}. `data` ends with a 0 byte that `size` does not count; NULL
 * while empty. Owned: buffer_free. */
typedef struct buffer {
    char *data;
    size_t size, room;
} buffer;

MUST_CHECK status buffer_add(buffer *buffer, const void *bytes, size_t size);
MUST_CHECK status buffer_add_text(buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* Room for `more` bytes after the present ones, for a writer in place. */
MUST_CHECK status buffer_reserve(buffer *buffer, size_t more);
void buffer_clear(buffer *buffer); /* keeps the room */
void buffer_free(buffer *buffer);

#endif

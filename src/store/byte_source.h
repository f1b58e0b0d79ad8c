/* byte_source.h - a regular file read from front to back in large pieces. */
#ifndef STORE_BYTE_SOURCE_H
#define STORE_BYTE_SOURCE_H

#include <stdint.h>

#include "lockstep/base/status.h"

/* Open `path` for reading: STATUS_INPUT when it is missing, a folder or no regular
 * file. `*size` gets its length. The descriptor is the caller's to close. */
MUST_CHECK status byte_source_open(int *out, uint64_t *size, const char *path);

/* XXH3-64 of everything from byte `first` on, and how many bytes that was. */
MUST_CHECK status byte_source_hash(int descriptor, const char *path, uint64_t first,
                                   uint64_t *hash, uint64_t *length);

#endif

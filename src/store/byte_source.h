/* byte_source.h - a regular file read from front to back in large pieces. */
#ifndef STORE_BYTE_SOURCE_H
#define STORE_BYTE_SOURCE_H

#include <stdint.h>

#include "lockstep/base/status.h"

/* XXH3-64 of everything from byte `first` on, and how many bytes that was. */
MUST_CHECK status byte_source_hash(int descriptor, const char *path, uint64_t first,
                                   uint64_t *hash, uint64_t *length);

#endif

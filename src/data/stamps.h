/* stamps.h - hashes of large files that need not be read again while nothing touches them.
 *
 * They stand beside a dataset, in <dataset>.stamps: a line for each file with its hash, size,
 * number (inode), times of content and of change, and path. A file with the same of all that
 * has the same content. What was touched within the last seconds may be touched again within
 * a clock's tick, so it is never noted; nor what is read in no time.
 */
#ifndef LOCKSTEP_SRC_DATA_STAMPS_H
#define LOCKSTEP_SRC_DATA_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/store/store.h"

enum { STAMPS_LEAST = 16 << 20 }; /* bytes of a file that is noted */

/* As store_hash_file of `path`, without reading it where a stamp beside `dataset` says enough.
 * That a stamp cannot be written is no failure. */
MUST_CHECK status stamps_hash_file(const char *dataset, const char *path, uint64_t *out);

/* As store_open of a dataset, whose content is verified unless a stamp says that it was. */
MUST_CHECK status stamps_open(store_reader **out, const char *dataset);

#endif

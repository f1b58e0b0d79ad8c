/* user_block.h - the 512 bytes before HDF5's, which say what follows and prove
 * that it is whole.
 *
 *   0  magic "LOCKSTEP"            48  u64 length of all that follows
 *   8  kind, 32 bytes, 0-padded    56  u64 XXH3-64 of all that follows
 *  40  u64 version of the kind    504  u64 XXH3-64 of bytes 0..503
 *  64  u64[2] note (store_set_note)
 *
 * Numbers are little endian; the rest is 0. The block is readable without HDF5:
 * a damaged file can make its reader spin.
 */
#ifndef STORE_USER_BLOCK_H
#define STORE_USER_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"

enum { USER_BLOCK_SIZE = 512, USER_BLOCK_KIND = 32 };

typedef struct user_block {
    char kind[USER_BLOCK_KIND];
    uint64_t version, length, hash, note[2];
} user_block;

/* Hash what stands after the first 512 bytes of `path` and write the block of
 * `block` in front, whose length and hash are filled in. Messages name `shown`. */
MUST_CHECK status user_block_write(user_block *block, const char *path, const char *shown);

/* Read the block of `path` and check it against itself and the file's length.
 * STATUS_INPUT: no such file; STATUS_FORMAT: what is wrong. */
MUST_CHECK status user_block_read(user_block *out, const char *path);

/* The same; then also kind, version and, with `content`, the content's hash. */
MUST_CHECK status user_block_verify(const char *path, const char *kind, uint64_t version,
                                    bool content);

#endif

/* byte_source.c - a regular file read from front to back in large pieces. */
#include "byte_source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "lockstep/base/memory.h"

enum { PIECE = 1 << 20 };

static status read_pieces(int descriptor, uint64_t first, void *piece, XXH3_state_t *state,
                          uint64_t *length)
{
    uint64_t at = first;

    for (;;) {
        ssize_t size = pread(descriptor, piece, PIECE, (off_t)at);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return fail(STATUS_IO, "cannot read: %s", strerror(errno));
        if (size == 0)
            break;
        XXH3_64bits_update(state, piece, (size_t)size);
        at += (uint64_t)size;
    }
    *length = at - first;
    return STATUS_OK;
}

status byte_source_hash(int descriptor, const char *path, uint64_t first, uint64_t *hash,
                        uint64_t *length)
{
    void *piece = memory_create(PIECE, 1);
    XXH3_state_t *state = XXH3_createState();
    status result;

    if (piece == NULL || state == NULL || XXH3_64bits_reset(state) != XXH_OK)
        result = fail(STATUS_NOMEM, "no memory to verify it");
    else
        result = read_pieces(descriptor, first, piece, state, length);
    if (result == STATUS_OK)
        *hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    memory_destroy(piece);
    return result == STATUS_OK ? result : fail_context(result, "%s", path);
}

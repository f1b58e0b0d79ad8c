/* byte_source.c - a regular file read from front to back in large pieces. */
#include "byte_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "lockstep/base/memory.h"

enum { PIECE = 1 << 20 };

status byte_source_open(int *out, uint64_t *size, const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0)
        return fail(STATUS_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return fail(STATUS_INPUT, "%s: is %s, not a file", path,
                    S_ISDIR(about.st_mode) ? "a folder" : "a device or pipe");
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(STATUS_INPUT, "%s: cannot open: %s", path, strerror(errno));
    *out = descriptor;
    *size = (uint64_t)about.st_size;
    return STATUS_OK;
}

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

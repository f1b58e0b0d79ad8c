/* audio_bytes.c - the bytes of an audio file. */
#include "audio_bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"

status audio_bytes_open(audio_bytes *bytes, const char *path)
{
    *bytes = (audio_bytes){.path = path, .descriptor = -1};
    TRY(file_open_regular(&bytes->descriptor, path, &bytes->size));
    if (bytes->size == 0)
        return fail(STATUS_INPUT, "%s: is empty", path);
    return STATUS_OK;
}

void audio_bytes_close(audio_bytes *bytes)
{
    if (bytes->descriptor >= 0)
        close(bytes->descriptor);
    bytes->descriptor = -1;
}

static void fill_unknown(const audio_bytes *bytes, uint64_t at, char *to, size_t size)
{
    for (uint64_t i = bytes->unknown; bytes->unknown > 0 && i < bytes->unknown + 4; i++)
        if (i >= at && i - at < size)
            to[i - at] = (char)0xff;
}

size_t audio_bytes_read(audio_bytes *bytes, uint64_t at, void *to, size_t size)
{
    size_t done = 0;

    if (at >= bytes->size)
        return 0;
    if (size > bytes->size - at)
        size = (size_t)(bytes->size - at);
    while (done < size) {
        ssize_t got =
            pread(bytes->descriptor, (char *)to + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && bytes->trouble == 0)
            bytes->trouble = errno;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    fill_unknown(bytes, at, to, done);
    return done;
}

status audio_bytes_check(const audio_bytes *bytes)
{
    if (bytes->trouble == 0)
        return STATUS_OK;
    return fail(STATUS_IO, "%s: cannot be read: %s", bytes->path, strerror(bytes->trouble));
}

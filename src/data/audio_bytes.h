/* audio_bytes.h - the bytes of an audio file, read at any place. */
#ifndef LOCKSTEP_SRC_DATA_AUDIO_BYTES_H
#define LOCKSTEP_SRC_DATA_AUDIO_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"

typedef struct audio_bytes {
    const char *path; /* borrowed */
    int descriptor;
    uint64_t size;
    uint64_t unknown; /* where 4 bytes stand that are read as 0xff; 0: nowhere */
    int trouble;      /* errno of the first read that failed */
} audio_bytes;

/* STATUS_INPUT when it is not there, empty or no regular file. Owned: audio_bytes_close,
 * after a failure too. */
MUST_CHECK status audio_bytes_open(audio_bytes *bytes, const char *path);
void audio_bytes_close(audio_bytes *bytes);

/* How many bytes at `at` were copied: fewer than `size` where the file ends or cannot be
 * read, which `trouble` tells. */
size_t audio_bytes_read(audio_bytes *bytes, uint64_t at, void *to, size_t size);

/* STATUS_IO when a read failed. */
MUST_CHECK status audio_bytes_check(const audio_bytes *bytes);

#endif

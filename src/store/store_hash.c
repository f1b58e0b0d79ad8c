/* store_hash.c - XXH3-64 of bytes and of files. */
#include <unistd.h>
#include <xxhash.h>

#include "byte_source.h"
#include "lockstep/base/file.h"
#include "lockstep/store/store.h"

uint64_t store_hash(const void *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

status store_hash_file(const char *path, uint64_t *out)
{
    int descriptor = -1;
    uint64_t size;

    TRY(file_open_regular(&descriptor, path, &size));
    status result = byte_source_hash(descriptor, path, 0, out, &size);
    close(descriptor);
    return result;
}

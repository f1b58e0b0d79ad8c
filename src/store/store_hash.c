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

store_hasher *store_hasher_create(void)
{
    XXH3_state_t *state = XXH3_createState();

    if (state != NULL)
        XXH3_64bits_reset(state);
    return (store_hasher *)state;
}

void store_hasher_add(store_hasher *hasher, const void *bytes, size_t size)
{
    XXH3_64bits_update((XXH3_state_t *)hasher, bytes, size);
}

uint64_t store_hasher_end(store_hasher *hasher)
{
    uint64_t hash = hasher != NULL ? XXH3_64bits_digest((XXH3_state_t *)hasher) : 0;

    XXH3_freeState((XXH3_state_t *)hasher);
    return hash;
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

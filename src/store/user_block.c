/* user_block.c - the 512 bytes before HDF5's. */
#include "user_block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "byte_source.h"
#include "lockstep/base/file.h"
#include "lockstep/store/store.h"

enum {
    AT_KIND = 8,
    AT_VERSION = 40,
    AT_LENGTH = 48,
    AT_HASH = 56,
    AT_NOTE = 64,
    AT_SEAL = 504
};

static const char magic[8] = {'L', 'O', 'C', 'K', 'S', 'T', 'E', 'P'};
static const char hdf5_magic[8] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};

static void put(unsigned char *to, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char *from)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static void encode(const user_block *block, unsigned char out[USER_BLOCK_SIZE])
{
    memset(out, 0, USER_BLOCK_SIZE);
    memcpy(out, magic, sizeof(magic));
    memcpy(out + AT_KIND, block->kind, USER_BLOCK_KIND);
    put(out + AT_VERSION, block->version);
    put(out + AT_LENGTH, block->length);
    put(out + AT_HASH, block->hash);
    put(out + AT_NOTE, block->note[0]);
    put(out + AT_NOTE + 8, block->note[1]);
    put(out + AT_SEAL, store_hash(out, AT_SEAL));
}

static status write_at_start(int descriptor, const char *shown, const user_block *block)
{
    unsigned char bytes[USER_BLOCK_SIZE];

    encode(block, bytes);
    for (size_t done = 0; done < sizeof(bytes);) {
        ssize_t size = pwrite(descriptor, bytes + done, sizeof(bytes) - done, (off_t)done);

        if (size < 0 && errno != EINTR)
            return fail(STATUS_IO, "%s: cannot write: %s", shown, strerror(errno));
        done += size > 0 ? (size_t)size : 0;
    }
    return STATUS_OK;
}

status user_block_write(user_block *block, const char *path, const char *shown)
{
    int descriptor = open(path, O_RDWR | O_CLOEXEC);

    if (descriptor < 0)
        return fail(STATUS_IO, "%s: cannot open: %s", shown, strerror(errno));
    status result =
        byte_source_hash(descriptor, shown, USER_BLOCK_SIZE, &block->hash, &block->length);
    if (result == STATUS_OK)
        result = write_at_start(descriptor, shown, block);
    if (close(descriptor) != 0 && result == STATUS_OK)
        result = fail(STATUS_IO, "%s: cannot write: %s", shown, strerror(errno));
    return result;
}

static status check_magic(const unsigned char *bytes, size_t size, const char *path)
{
    if (size >= 8 && memcmp(bytes, hdf5_magic, 8) == 0)
        return fail(STATUS_FORMAT, "%s: is an HDF5 file, but not one that lockstep wrote",
                    path);
    if (size == 0)
        return fail(STATUS_FORMAT, "%s: is empty", path);
    if (memcmp(bytes, magic, size < 8 ? size : 8) != 0)
        return fail(STATUS_FORMAT, "%s: is not a lockstep file", path);
    if (size < USER_BLOCK_SIZE)
        return fail(STATUS_FORMAT,
                    "%s: is truncated: %zu bytes are left; copy it again or "
                    "remove it",
                    path, size);
    if (get(bytes + AT_SEAL) != store_hash(bytes, AT_SEAL))
        return fail(STATUS_FORMAT,
                    "%s: is damaged: its first 512 bytes do not match their "
                    "checksum; copy it again or remove it",
                    path);
    return STATUS_OK;
}

static status decode(user_block *out, int descriptor, uint64_t file_size, const char *path)
{
    unsigned char bytes[USER_BLOCK_SIZE] = {0};
    ssize_t got = pread(descriptor, bytes, sizeof(bytes), 0);

    if (got < 0)
        return fail(STATUS_IO, "%s: cannot read: %s", path, strerror(errno));
    TRY(check_magic(bytes, (size_t)got, path));
    memcpy(out->kind, bytes + AT_KIND, USER_BLOCK_KIND);
    out->kind[USER_BLOCK_KIND - 1] = '\0';
    out->version = get(bytes + AT_VERSION);
    out->length = get(bytes + AT_LENGTH);
    out->hash = get(bytes + AT_HASH);
    out->note[0] = get(bytes + AT_NOTE);
    out->note[1] = get(bytes + AT_NOTE + 8);
    if (file_size - USER_BLOCK_SIZE != out->length)
        return fail(STATUS_FORMAT,
                    "%s: is %s: %" PRIu64 " bytes instead of %" PRIu64
                    "; copy it again or remove it",
                    path,
                    file_size - USER_BLOCK_SIZE < out->length ? "truncated"
                                                              : "damaged (something was added)",
                    file_size, out->length + USER_BLOCK_SIZE);
    return STATUS_OK;
}

/* Decode with the descriptor left open. */
static status open_block(user_block *out, int *descriptor, const char *path)
{
    uint64_t size;

    TRY(file_open_regular(descriptor, path, &size));
    status result = decode(out, *descriptor, size, path);
    if (result != STATUS_OK)
        close(*descriptor);
    return result;
}

status user_block_read(user_block *out, const char *path)
{
    int descriptor = -1;

    TRY(open_block(out, &descriptor, path));
    close(descriptor);
    return STATUS_OK;
}

bool store_is_ours(const char *path)
{
    char found[sizeof(magic)];
    uint64_t size;
    int descriptor = -1;

    if (file_open_regular(&descriptor, path, &size) != STATUS_OK)
        return false;
    ssize_t got = pread(descriptor, found, sizeof(found), 0);
    close(descriptor);
    return got == (ssize_t)sizeof(found) && memcmp(found, magic, sizeof(magic)) == 0;
}

static status check_kind(const user_block *block, const char *path, const char *kind,
                         uint64_t version)
{
    if (strcmp(block->kind, kind) != 0)
        return fail(STATUS_FORMAT, "%s: is a %s, not a %s", path, block->kind, kind);
    if (block->version > version)
        return fail(STATUS_FORMAT,
                    "%s: is a %s of version %" PRIu64
                    ", this lockstep reads up to version %" PRIu64 "; use a newer lockstep",
                    path, kind, block->version, version);
    return STATUS_OK;
}

status user_block_verify(const char *path, const char *kind, uint64_t version, bool content)
{
    user_block block;
    int descriptor = -1;
    uint64_t hash = 0, length = 0;

    TRY(open_block(&block, &descriptor, path));
    status result = check_kind(&block, path, kind, version);
    if (result == STATUS_OK && content)
        result = byte_source_hash(descriptor, path, USER_BLOCK_SIZE, &hash, &length);
    close(descriptor);
    TRY(result);
    if (content && (hash != block.hash || length != block.length))
        return fail(STATUS_FORMAT,
                    "%s: is damaged: its content does not match its checksum; "
                    "copy it again or remove it",
                    path);
    return STATUS_OK;
}

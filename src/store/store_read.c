/* store_read.c - a store opened and closed. */
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/memory.h"
#include "reader.h"
#include "user_block.h"

static status run_open(void *argument)
{
    store_reader *reader = argument;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    bool good = H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0;

#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
    /* A finished file never changes, and not every file system can lock. */
    good = good && H5Pset_file_locking(access, 0, 1) >= 0;
#endif
    if (good)
        reader->id = H5Fopen(reader->path, H5F_ACC_RDONLY, access);
    hsize_t size;
    status result = reader->id >= 0 && H5Fget_filesize(reader->id, &size) >= 0
                        ? STATUS_OK
                        : handle_fail(STATUS_FORMAT, reader->path, "/", "cannot open");
    handle_close(access);
    TRY(result);
    reader->size = size;
    return reader_list_root(reader);
}

static status run_close(void *argument)
{
    store_reader *reader = argument;

    handle_close(reader->id);
    return STATUS_OK;
}

static status open_reader(store_reader **out, const char *path)
{
    store_reader *reader = memory_create(1, sizeof(*reader));

    if (reader == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to read it", path);
    snprintf(reader->path, sizeof(reader->path), "%s", path);
    reader->id = -1;
    status result = io_run(run_open, reader);
    if (result != STATUS_OK) {
        store_close(reader);
        return result;
    }
    *out = reader;
    return STATUS_OK;
}

status store_open(store_reader **out, const char *path, const char *kind, int version)
{
    TRY(user_block_verify(path, kind, (uint64_t)version, true));
    return open_reader(out, path);
}

status store_open_verified(store_reader **out, const char *path, const char *kind, int version)
{
    TRY(user_block_verify(path, kind, (uint64_t)version, false));
    return open_reader(out, path);
}

void store_close(store_reader *reader)
{
    if (reader == NULL)
        return;
    (void)!io_run(run_close, reader); /* nothing to lose in a file that is read */
    reader_free_pieces(reader);
    string_table_free(&reader->names);
    buffer_free(&reader->entries);
    memory_destroy(reader);
}

const char *store_path(const store_reader *reader)
{
    return reader->path;
}

status store_note(const char *path, uint64_t out[2])
{
    user_block block;

    TRY(user_block_read(&block, path));
    memcpy(out, block.note, sizeof(block.note));
    return STATUS_OK;
}

status store_kind(const char *path, char out[32])
{
    user_block block;

    TRY(user_block_read(&block, path));
    memcpy(out, block.kind, USER_BLOCK_KIND);
    return STATUS_OK;
}

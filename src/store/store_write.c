/* store_write.c - a store begun, saved, cancelled. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "io_thread.h"
#include "lockstep/base/memory.h"
#include "write_driver.h"
#include "writer.h"

/* The bytes of a file must not depend on when it was written, and must be readable
 * by any HDF5 since 1.8. */
static status run_create(void *argument)
{
    store_writer *writer = argument;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);

    writer->driver = write_driver_set(access, &writer->error);
    if (writer->driver >= 0 && H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) >= 0 &&
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0 &&
        H5Pset_userblock(creation, USER_BLOCK_SIZE) >= 0 &&
        H5Pset_obj_track_times(creation, 0) >= 0)
        writer->id = H5Fcreate(writer->file.temporary, H5F_ACC_TRUNC, creation, access);
    status result = writer_outcome(writer, "/", writer->id >= 0);
    handle_close(creation);
    handle_close(access);
    return result;
}

/* Close everything; what was not written yet is written now. */
static status run_close(void *argument)
{
    store_writer *writer = argument;
    bool good = true;

    handle_close(writer->tensor);
    if (writer->id >= 0)
        good = H5Fclose(writer->id) >= 0;
    status result = writer_outcome(writer, "/", good);
    if (writer->driver >= 0)
        H5FDunregister(writer->driver);
    return result;
}

/* Close without writing more, and without a word: the caller has its reason. */
static status run_cancel(void *argument)
{
    store_writer *writer = argument;

    if (writer->error == 0)
        writer->error = ECANCELED;
    (void)run_close(writer);
    return STATUS_OK;
}

status store_create(store_writer **out, const char *path, const char *kind, int version)
{
    CHECK(strlen(kind) < USER_BLOCK_KIND);
    store_writer *writer = memory_create(1, sizeof(*writer));

    if (writer == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to write it", path);
    snprintf(writer->block.kind, sizeof(writer->block.kind), "%s", kind);
    writer->block.version = (uint64_t)version;
    writer->driver = writer->id = writer->tensor = -1;
    writer->hash = XXH3_createState();
    status result = writer->hash == NULL ? fail(STATUS_NOMEM, "%s: no memory to write it", path)
                                         : file_replace_begin_regular(&writer->file, path);
    if (result == STATUS_OK)
        result = io_run(run_create, writer);
    if (result != STATUS_OK) {
        store_cancel(writer);
        return result;
    }
    *out = writer;
    return STATUS_OK;
}

static void free_writer(store_writer *writer)
{
    buffer_free(&writer->pieces);
    buffer_free(&writer->added);
    XXH3_freeState(writer->hash);
    memory_destroy(writer);
}

void store_cancel(store_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->driver >= 0 || writer->id >= 0)
        CHECK(io_run(run_cancel, writer) == STATUS_OK);
    if (writer->file.temporary[0] != '\0')
        file_replace_cancel(&writer->file);
    free_writer(writer);
}

void store_set_note(store_writer *writer, const uint64_t note[2])
{
    memcpy(writer->block.note, note, sizeof(writer->block.note));
}

status store_finish(store_writer *writer)
{
    CHECK(writer->tensor < 0);
    status result = io_run(run_close, writer);

    writer->driver = writer->id = -1;
    if (result == STATUS_OK)
        result = user_block_write(&writer->block, writer->file.temporary, writer->file.path);
    writer->finished = result == STATUS_OK;
    return result == STATUS_OK ? file_replace_sync(&writer->file) : result;
}

status store_save(store_writer *writer)
{
    status result = writer->finished ? STATUS_OK : store_finish(writer);

    if (result == STATUS_OK)
        result = file_replace_end(&writer->file);
    else
        file_replace_cancel(&writer->file);
    free_writer(writer);
    return result;
}

/* dataset_prepare.c - from text files to a dataset, and whether that is needed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/store/store.h"
#include "split.h"

status dataset_path(const config *c, char *out, size_t size)
{
    int used = c->data.dataset != NULL ? snprintf(out, size, "%s", c->data.dataset)
                                       : snprintf(out, size, "%s/dataset.h5", c->run.folder);

    if (used < 0 || (size_t)used >= size)
        return fail(STATUS_CONFIG, "data.dataset: the path is too long");
    return STATUS_OK;
}

/* Does the file begin as a dataset does (store.h)? A damaged one may, and store_kind
 * tells nothing of damaged files. */
static bool looks_like_dataset(const char *path)
{
    static const char expected[] = "LOCKSTEPdataset"; /* and a 0 byte */
    char head[sizeof(expected)] = {0};
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return false;
    size_t got = fread(head, 1, sizeof(head), file);

    fclose(file);
    return got == sizeof(head) && memcmp(head, expected, sizeof(head)) == 0;
}

/* A path given by mistake must not cost anybody a file of another kind. */
static status check_place(const char *path)
{
    if (!file_exists(path) || looks_like_dataset(path))
        return STATUS_OK;
    return fail(STATUS_FORMAT,
                "%s is not a Lockstep dataset and will not be replaced by one; remove it, or "
                "name another file as data.dataset",
                path);
}

static bool is_given(const config_files *files)
{
    return files->pairs != NULL || files->source != NULL;
}

static status add_splits(const config *c, const sides *made, const char *path,
                         store_writer *writer)
{
    for (int i = 0; i < SPLITS; i++) {
        const dataset_split split = (dataset_split)i;
        const config_files *files = dataset_split_files(c, split);
        const split_job job = {.name = dataset_split_name(split),
                               .files = files,
                               .sides = made,
                               .max_length = c->data.max_length,
                               .keep_text = split != SPLIT_TRAIN,
                               .path = path};

        if (is_given(files))
            TRY(split_add(&job, writer));
    }
    return STATUS_OK;
}

static status add_all(const config *c, const buffer *origin, const sides *made,
                      const char *path, store_writer *writer)
{
    TRY(store_add_number(writer, "fingerprint", (int64_t)fingerprint_number(origin)));
    TRY(store_add_text(writer, "origin", origin->data));
    TRY(sides_save(made, writer));
    return add_splits(c, made, path, writer);
}

static status write_dataset(const config *c, const buffer *origin, const sides *made,
                            const char *path)
{
    store_writer *writer;

    TRY(store_create(&writer, path, "dataset", DATASET_VERSION));
    status result = add_all(c, origin, made, path, writer);

    if (result == STATUS_OK)
        return store_save(writer);
    store_cancel(writer);
    return result;
}

static status report(const char *path, const sides *made, double started)
{
    uint64_t size;

    TRY(file_size(path, &size));
    log_line("dataset: %s, %.1f MB; %d source and %d target symbols%s; %.1f s", path,
             (double)size / 1e6, sides_symbols(made, SIDE_SOURCE),
             sides_symbols(made, SIDE_TARGET), sides_are_joint(made) ? " (joint)" : "",
             clock_seconds() - started);
    return STATUS_OK;
}

static status prepare_at(const config *c, const buffer *origin, const char *path)
{
    double started = clock_seconds();
    sides made;

    TRY(file_make_parent(path));
    TRY(sides_create(&made, c));
    status result = write_dataset(c, origin, &made, path);

    if (result == STATUS_OK)
        result = report(path, &made, started);
    sides_free(&made);
    return result;
}

status dataset_prepare(const config *c)
{
    char path[FILE_PATH_MAX];
    buffer origin = {0};

    TRY(dataset_path(c, path, sizeof(path)));
    TRY(check_place(path));
    status result = fingerprint_describe(c, &origin);

    if (result == STATUS_OK)
        result = prepare_at(c, &origin, path);
    buffer_free(&origin);
    return result;
}

/* The fingerprint of the dataset at `path`; a damaged or foreign one has none. */
static status find_fingerprint(const char *path, uint64_t *out, bool *found)
{
    store_reader *reader;
    int64_t number;

    *found = false;
    if (!file_exists(path))
        return STATUS_OK;
    TRY(check_place(path));
    status result = store_open(&reader, path, "dataset", DATASET_VERSION);

    if (result == STATUS_FORMAT) {
        log_warning("%s; it must be prepared again", error_message());
        return STATUS_OK;
    }
    TRY(result);
    result = store_load_number(reader, "fingerprint", &number);
    store_close(reader);
    *out = (uint64_t)number;
    *found = result == STATUS_OK;
    return result;
}

status dataset_is_fresh(const config *c, bool *fresh)
{
    char path[FILE_PATH_MAX];
    buffer origin = {0};
    uint64_t present = 0;
    bool found = false;

    *fresh = false;
    TRY(dataset_path(c, path, sizeof(path)));
    status result = fingerprint_describe(c, &origin);

    if (result == STATUS_OK)
        result = find_fingerprint(path, &present, &found);
    if (result == STATUS_OK)
        *fresh = found && present == fingerprint_number(&origin);
    buffer_free(&origin);
    return result;
}

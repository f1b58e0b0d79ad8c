/* dataset_prepare.c - from text files to a dataset, and whether that is needed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dataset_files.h"
#include "dataset_part.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/store/store.h"
#include "split.h"
#include "stamps.h"

enum { PATHS_TEXT = FILE_PATH_MAX + 32 };

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
status dataset_place_check(const char *path)
{
    if (!file_exists(path))
        return STATUS_OK;
    if (!file_is_regular(path)) /* the open of a pipe waits for its other end */
        return fail(STATUS_INPUT, "%s: is %s, not a dataset", path,
                    file_is_folder(path) ? "a folder" : "a device or pipe");
    if (looks_like_dataset(path))
        return STATUS_OK;
    return fail(STATUS_FORMAT,
                "%s is not a Lockstep dataset and will not be replaced by one; remove it, or "
                "name another file as data.dataset",
                path);
}

static bool is_given(const config_files *files)
{
    return files->pairs != NULL || files->conll != NULL || files->source != NULL;
}

/* What a dataset is to be. */
typedef struct order {
    const config *config;
    const char *path;
    const buffer *origin;
    const uint64_t *known; /* what a run was trained on (dataset_is); NULL: anything */
    const dataset_crew *crew;
} order;

static status add_splits(const order *o, const sides *made, dataset_files *files)
{
    const config *c = o->config;

    for (int i = 0; i < SPLITS; i++) {
        const dataset_split split = (dataset_split)i;
        const config_files *given = dataset_split_files(c, split);
        const split_job job = {.split = split,
                               .files = given,
                               .sides = made,
                               .max_length = c->data.max_length,
                               .skip_bad = c->data.skip_bad,
                               .audio = o->crew->audio,
                               .crew = o->crew->text,
                               .path = o->path};

        if (is_given(given))
            TRY(split_add(&job, files));
    }
    return STATUS_OK;
}

static status add_all(const order *o, const sides *made, dataset_files *files)
{
    TRY(store_add_text(files->writers[0], "origin", o->origin->data));
    TRY(sides_save(made, files->writers[0]));
    return add_splits(o, made, files);
}

/* ---- whether it may take the place of what is there ---- */

/* The content of the dataset that is there, where the run was trained on it. */
static bool find_trained_on(const order *o, uint64_t *content)
{
    dataset *present;

    if (!file_exists(o->path) || dataset_open_of(&present, o->config, true) != STATUS_OK)
        return false;
    bool found = dataset_is(present, *o->known);
    *content = dataset_content(present);
    dataset_close(present);
    return found;
}

static status check_known(const order *o, const sides *made, const dataset_files *files)
{
    uint64_t content, trained_on;

    if (o->known == NULL)
        return STATUS_OK;
    TRY(content_added(files->writers[0], sides_are_joint(made), files->wholes, &content));
    if (content == *o->known || fingerprint_number(o->origin) == *o->known)
        return STATUS_OK;
    if (find_trained_on(o, &trained_on) && content == trained_on)
        return store_add_number(files->writers[0], "former", (int64_t)*o->known);
    return dataset_refuse_other(o->config);
}

status dataset_refuse_other(const config *c)
{
    return fail(STATUS_CONFIG,
                "%s: the data differ from those this run was trained on; bring the old data "
                "back, or give the run another run.folder (with training.initialize_from to "
                "start from its parameters)",
                c->run.folder);
}

static status write_dataset(const order *o, const sides *made)
{
    dataset_files files;

    TRY(dataset_files_create(&files, o->config, fingerprint_number(o->origin)));
    status result = add_all(o, made, &files);

    if (result == STATUS_OK)
        result = check_known(o, made, &files);
    if (result == STATUS_OK)
        return dataset_files_save(&files, sides_are_joint(made));
    dataset_files_cancel(&files);
    return result;
}

/* "data.h5", "data.h5 and 3 more" */
static void print_paths(const order *o, char out[PATHS_TEXT])
{
    int more = dataset_parts(o->config) - 1;

    if (more > 0)
        snprintf(out, PATHS_TEXT, "%s and %d more", o->path, more);
    else
        snprintf(out, PATHS_TEXT, "%s", o->path);
}

static status report(const order *o, const sides *made, double started)
{
    double seconds = clock_seconds() - started;
    char paths[PATHS_TEXT];
    uint64_t size;

    TRY(dataset_files_size(o->config, &size));
    print_paths(o, paths);
    if (sides_are_audio(made, SIDE_SOURCE))
        log_line("dataset: %s, %.1f MB; sources in rows of %d x %d mels, %d target symbols; "
                 "%.1f s",
                 paths, (double)size / 1e6, made->audio.stack, made->audio.mels,
                 sides_symbols(made, SIDE_TARGET), seconds);
    else
        log_line("dataset: %s, %.1f MB; %d source and %d target symbols%s; %.1f s", paths,
                 (double)size / 1e6, sides_symbols(made, SIDE_SOURCE),
                 sides_symbols(made, SIDE_TARGET), sides_are_joint(made) ? " (joint)" : "",
                 seconds);
    return STATUS_OK;
}

static status prepare_at(const order *o)
{
    double started = clock_seconds();
    sides made;

    TRY(file_make_parent(o->path)); /* before the spills */
    TRY(sides_create(&made, o->config, o->crew->text));
    status result = sides_are_audio(&made, SIDE_SOURCE)
                        ? STATUS_OK
                        : o->crew->text->share(o->crew->text->context, &made);

    if (result == STATUS_OK)
        result = write_dataset(o, &made);
    if (result == STATUS_OK)
        result = report(o, &made, started);
    sides_free(&made);
    return result;
}

static status prepare_with(const config *c, const uint64_t *known, const dataset_crew *crew)
{
    char path[FILE_PATH_MAX];
    buffer origin = {0};

    TRY(dataset_path(c, path, sizeof(path)));
    TRY(dataset_files_check(c));
    status result = fingerprint_describe(c, NULL, &origin);

    if (result == STATUS_OK)
        result = prepare_at(&(order){c, path, &origin, known, crew});
    buffer_free(&origin);
    return result;
}

status dataset_prepare_with(const config *c, const uint64_t *known, const dataset_crew *crew)
{
    text_crew alone;
    text_alone self = {0};
    dataset_crew all = *crew;

    if (all.text != NULL)
        return prepare_with(c, known, crew);
    all.text = &alone;
    status result = text_alone_open(&self, c, &alone);
    if (result == STATUS_OK)
        result = prepare_with(c, known, &all);
    text_alone_close(&self);
    return result;
}

status dataset_prepare(const config *c)
{
    return dataset_prepare_with(c, NULL, &(dataset_crew){0});
}

status dataset_prepare_again(const config *c, uint64_t known)
{
    return dataset_prepare_with(c, &known, &(dataset_crew){0});
}

/* ---- whether that is needed ---- */

/* Owned; NULL when there is no dataset. A damaged or foreign one has no origin. */
static status find_origin(const char *path, char **out)
{
    store_reader *reader;

    *out = NULL;
    if (!file_exists(path))
        return STATUS_OK;
    TRY(dataset_place_check(path));
    status result = stamps_open(&reader, path);

    if (result == STATUS_FORMAT) {
        log_warning("%s; it must be prepared again", error_message());
        return STATUS_OK;
    }
    TRY(result);
    result = store_load_text(reader, "origin", out);
    store_close(reader);
    return result;
}

status dataset_is_fresh(const config *c, bool believe, bool *fresh)
{
    char path[FILE_PATH_MAX], *known;
    buffer origin = {0};
    bool whole;

    *fresh = false;
    TRY(dataset_check_parts(c, &whole));
    TRY(dataset_path(c, path, sizeof(path)));
    TRY(find_origin(path, &known));
    status result = fingerprint_describe(c, believe ? known : NULL, &origin);

    if (result == STATUS_OK)
        *fresh = whole && known != NULL && strcmp(known, origin.data) == 0;
    buffer_free(&origin);
    memory_destroy(known);
    return result;
}

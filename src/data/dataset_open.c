/* dataset_open.c - the files of a dataset, opened and checked. */
#include <inttypes.h>
#include <stdio.h>

#include "content.h"
#include "dataset_part.h"
#include "dataset_state.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/fingerprint.h"

enum { MESSAGE_MAX = 1024 };

/* What a user does about a dataset that cannot be read. */
static status advise(status code)
{
    char message[MESSAGE_MAX];

    if (code != STATUS_FORMAT && code != STATUS_INPUT)
        return code;
    snprintf(message, sizeof(message), "%s", error_message());
    return fail(code, "%s; make the dataset with `lockstep prepare`", message);
}

static status check_list(const dataset_file *file, const char *name, store_type type,
                         uint64_t *length)
{
    store_shape shape;

    TRY(store_shape_of(file->reader, name, &shape));
    if (shape.type != type || shape.dimensions != 1)
        return fail(STATUS_FORMAT, "%s: %s is not a list of whole numbers",
                    store_path(file->reader), name);
    *length = shape.dims[0];
    return STATUS_OK;
}

static status check_frames(const dataset *self, const dataset_file *file, const char *name,
                           dataset_side side, uint64_t *rows)
{
    uint64_t width = (uint64_t)sides_element(&self->sides, side).width;
    store_shape shape;

    TRY(store_shape_of(file->reader, name, &shape));
    if (shape.type != STORE_HALF || shape.dimensions != 2 || shape.dims[1] != width)
        return fail(STATUS_FORMAT, "%s: %s is not rows of %" PRIu64 " halves",
                    store_path(file->reader), name, width);
    *rows = shape.dims[0];
    return STATUS_OK;
}

static status check_elements(const dataset *self, const dataset_file *file, const char *name,
                             dataset_side side, uint64_t *count)
{
    return sides_are_audio(&self->sides, side) ? check_frames(self, file, name, side, count)
                                               : check_list(file, name, STORE_INT32, count);
}

/* The offsets of a side begin at 0 and end at its last token; dataset_lengths sees that they
 * rise. */
static status check_side(const dataset *self, dataset_file *file, dataset_split split,
                         dataset_side side, uint64_t *pairs)
{
    char name[DATASET_NAME];
    uint64_t ids, offsets;
    int64_t first = 0, last = 0;

    dataset_name(name, split, side, dataset_elements(self, side));
    TRY(check_elements(self, file, name, side, &ids));
    TRY(store_verify_rows(file->reader, name));
    dataset_name(name, split, side, "offsets");
    TRY(check_list(file, name, STORE_INT64, &offsets));
    TRY(store_verify_rows(file->reader, name));
    if (offsets > 0) {
        TRY(store_load_rows(file->reader, name, STORE_INT64, 0, 1, &first));
        TRY(store_load_rows(file->reader, name, STORE_INT64, offsets - 1, 1, &last));
    }
    if (offsets == 0 || first != 0 || last < 0 || (uint64_t)last != ids)
        return fail(STATUS_FORMAT, "%s: %s are not the offsets of %" PRIu64 " tokens",
                    store_path(file->reader), name, ids);
    file->tokens[split][side] = last;
    *pairs = offsets - 1;
    return STATUS_OK;
}

static status count_pairs(const dataset *self, dataset_file *file, dataset_split split)
{
    uint64_t pairs[SIDES];
    char name[DATASET_NAME];

    dataset_name(name, split, SIDE_SOURCE, "offsets");
    if (!store_has(file->reader, name))
        return STATUS_OK;
    for (int side = 0; side < SIDES; side++)
        TRY(check_side(self, file, split, (dataset_side)side, &pairs[side]));
    if (pairs[SIDE_SOURCE] != pairs[SIDE_TARGET])
        return fail(STATUS_FORMAT, "%s: %s has %" PRIu64 " sources and %" PRIu64 " targets",
                    store_path(file->reader), dataset_split_name(split), pairs[SIDE_SOURCE],
                    pairs[SIDE_TARGET]);
    file->pairs[split] = (int64_t)pairs[SIDE_SOURCE];
    return STATUS_OK;
}

/* What only the first file says. */
static status fill(dataset *self, store_reader *reader)
{
    int64_t number;

    TRY(store_load_number(reader, "fingerprint", &number));
    self->fingerprint = self->former = (uint64_t)number;
    if (store_has_attribute(reader, "former")) {
        TRY(store_load_number(reader, "former", &number));
        self->former = (uint64_t)number;
    }
    TRY(self->parts == 1 ? content_load(reader, &self->content)
                         : dataset_part_content(reader, &self->content));
    return sides_load(&self->sides, reader);
}

/* Number `number` of the files, from 0. */
static status open_file(dataset *self, int number, const char *path, bool verify)
{
    dataset_file *file = &self->files[number];

    TRY(dataset_part_check(path, number, self->parts));
    TRY(verify ? store_open(&file->reader, path, "dataset", DATASET_VERSION)
               : store_open_verified(&file->reader, path, "dataset", DATASET_VERSION));
    TRY(number == 0 ? fill(self, file->reader)
                    : dataset_part_belongs(file->reader, self->content,
                                           store_path(self->files[0].reader)));
    for (int split = 0; split < SPLITS; split++)
        TRY(count_pairs(self, file, (dataset_split)split));
    for (int split = SPLIT_VALID; split < SPLITS; split++)
        if (number > 0 && file->pairs[split] > 0)
            return fail(STATUS_FORMAT, "%s: a later part of a dataset has %s pairs", path,
                        dataset_split_name((dataset_split)split));
    return STATUS_OK;
}

static dataset *create(int parts)
{
    dataset *self = memory_create(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->files = memory_create((size_t)parts, sizeof(*self->files));
    if (self->files == NULL) {
        memory_destroy(self);
        return NULL;
    }
    self->parts = parts;
    self->longest = INT32_MAX;
    pthread_mutex_init(&self->lock, NULL);
    for (int split = 0; split < SPLITS; split++)
        self->splits[split] = (split_of){self, (dataset_split)split};
    return self;
}

static status finish(status result, dataset *self, dataset **out)
{
    if (result != STATUS_OK) {
        dataset_close(self);
        return advise(result);
    }
    *out = self;
    return STATUS_OK;
}

status dataset_open(dataset **out, const char *path, bool verify)
{
    dataset *self = create(1);

    *out = NULL;
    if (self == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to open it", path);
    return finish(open_file(self, 0, path, verify), self, out);
}

status dataset_open_of(dataset **out, const config *c, bool verify)
{
    dataset *self = create(dataset_parts(c));
    status result = STATUS_OK;
    char path[FILE_PATH_MAX];

    *out = NULL;
    if (self == NULL)
        return fail(STATUS_NOMEM, "data.dataset: no memory to open it");
    for (int i = 0; result == STATUS_OK && i < self->parts; i++) {
        result = dataset_part_path(c, i, path, sizeof(path));
        if (result == STATUS_OK)
            result = open_file(self, i, path, verify);
    }
    return finish(result, self, out);
}

void dataset_close(dataset *self)
{
    if (self == NULL)
        return;
    sides_free(&self->sides);
    for (int i = 0; i < self->parts; i++)
        store_close(self->files[i].reader);
    memory_destroy(self->files);
    pthread_mutex_destroy(&self->lock);
    memory_destroy(self);
}

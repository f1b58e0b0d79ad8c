/* dataset.c - a prepared dataset, read piece by piece. */
#include "lockstep/data/dataset.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/data/vocabularies.h"
#include "lockstep/store/store.h"

enum { MESSAGE_MAX = 1024, NAME_ROOM = 64, OFFSETS_AT_ONCE = 1024 };

struct dataset {
    store_reader *reader;
    vocabularies vocabularies;
    uint64_t fingerprint;
    int64_t pairs[SPLITS];
};

static const char *const side_names[SIDES] = {"source", "target"};

static void name_of(char out[NAME_ROOM], dataset_split split, dataset_side side,
                    const char *what)
{
    snprintf(out, NAME_ROOM, "/%s/%s/%s", dataset_split_name(split), side_names[side], what);
}

/* What a user does about a dataset that cannot be read. */
static status advise(status code)
{
    char message[MESSAGE_MAX];

    if (code != STATUS_FORMAT && code != STATUS_INPUT)
        return code;
    snprintf(message, sizeof(message), "%s", error_message());
    return fail(code, "%s; make the dataset with `lockstep prepare`", message);
}

static status count_pairs(dataset *self, dataset_split split)
{
    uint64_t rows[SIDES];

    for (int side = 0; side < SIDES; side++) {
        char name[NAME_ROOM];
        store_shape shape;

        name_of(name, split, (dataset_side)side, "offsets");
        if (side == SIDE_SOURCE && !store_has(self->reader, name))
            return STATUS_OK;
        TRY(store_shape_of(self->reader, name, &shape));
        rows[side] = shape.dims[0];
        if (shape.type != STORE_INT64 || shape.dimensions != 1 || rows[side] != rows[0] ||
            rows[side] == 0)
            return fail(STATUS_FORMAT, "%s: %s is not an array of offsets",
                        store_path(self->reader), name);
    }
    self->pairs[split] = (int64_t)rows[0] - 1;
    return STATUS_OK;
}

static status fill(dataset *self)
{
    int64_t number;

    TRY(store_load_number(self->reader, "fingerprint", &number));
    self->fingerprint = (uint64_t)number;
    TRY(vocabularies_load(&self->vocabularies, self->reader));
    for (int split = 0; split < SPLITS; split++)
        TRY(count_pairs(self, (dataset_split)split));
    return STATUS_OK;
}

static status open_and_fill(dataset *self, const char *path, bool verify)
{
    TRY(verify ? store_open(&self->reader, path, "dataset", DATASET_VERSION)
               : store_open_verified(&self->reader, path, "dataset", DATASET_VERSION));
    return fill(self);
}

status dataset_open(dataset **out, const char *path, bool verify)
{
    dataset *self = memory_create(1, sizeof(*self));

    *out = NULL;
    if (self == NULL)
        return fail(STATUS_NOMEM, "%s: no memory to open it", path);
    status result = open_and_fill(self, path, verify);

    if (result != STATUS_OK) {
        dataset_close(self);
        return advise(result);
    }
    *out = self;
    return STATUS_OK;
}

void dataset_close(dataset *self)
{
    if (self == NULL)
        return;
    vocabularies_free(&self->vocabularies);
    store_close(self->reader);
    memory_destroy(self);
}

const vocabulary *dataset_source_vocabulary(const dataset *self)
{
    return self->vocabularies.source;
}

const vocabulary *dataset_target_vocabulary(const dataset *self)
{
    return self->vocabularies.target;
}

bool dataset_is_joint(const dataset *self)
{
    return self->vocabularies.source == self->vocabularies.target;
}

uint64_t dataset_fingerprint(const dataset *self)
{
    return self->fingerprint;
}

int64_t dataset_pairs(const dataset *self, dataset_split split)
{
    return self->pairs[split];
}

static status load_offsets(dataset *self, dataset_split split, dataset_side side, int64_t first,
                           int64_t count, int64_t *out)
{
    char name[NAME_ROOM];

    CHECK(first >= 0 && count >= 0 && first + count <= self->pairs[split] + 1);
    name_of(name, split, side, "offsets");
    return store_load_rows(self->reader, name, (uint64_t)first, (uint64_t)count, out);
}

static status lengths_of(dataset *self, dataset_split split, dataset_side side, int64_t first,
                         int64_t count, int32_t *out)
{
    int64_t offsets[OFFSETS_AT_ONCE + 1];

    for (int64_t done = 0; done < count;) {
        int64_t now = count - done < OFFSETS_AT_ONCE ? count - done : OFFSETS_AT_ONCE;

        TRY(load_offsets(self, split, side, first + done, now + 1, offsets));
        for (int64_t i = 0; i < now; i++)
            out[done + i] = (int32_t)(offsets[i + 1] - offsets[i]);
        done += now;
    }
    return STATUS_OK;
}

status dataset_lengths(dataset *self, dataset_split split, int64_t first, int64_t count,
                       int32_t *source, int32_t *target)
{
    if (source != NULL)
        TRY(lengths_of(self, split, SIDE_SOURCE, first, count, source));
    if (target != NULL)
        TRY(lengths_of(self, split, SIDE_TARGET, first, count, target));
    return STATUS_OK;
}

/* A number beyond the vocabulary would be read beyond the embeddings. */
static status check_ids(const dataset *self, const char *name, const vocabulary *of,
                        const int32_t *ids, int64_t count)
{
    int size = vocabulary_size(of);

    for (int64_t i = 0; i < count; i++)
        if (ids[i] < 0 || ids[i] >= size)
            return fail(STATUS_FORMAT,
                        "%s: %s holds token %d, but the vocabulary has %d; make the dataset "
                        "with `lockstep prepare`",
                        store_path(self->reader), name, ids[i], size);
    return STATUS_OK;
}

static status load_side(dataset *self, dataset_split split, dataset_side side, int64_t first,
                        int64_t count, int32_t *ids)
{
    const vocabulary *of =
        side == SIDE_SOURCE ? self->vocabularies.source : self->vocabularies.target;
    int64_t begin, end;
    char name[NAME_ROOM];

    TRY(load_offsets(self, split, side, first, 1, &begin));
    TRY(load_offsets(self, split, side, first + count, 1, &end));
    name_of(name, split, side, "ids");
    TRY(store_load_rows(self->reader, name, (uint64_t)begin, (uint64_t)(end - begin), ids));
    return check_ids(self, name, of, ids, end - begin);
}

status dataset_load(dataset *self, dataset_split split, int64_t first, int64_t count,
                    int32_t *source_ids, int32_t *target_ids)
{
    if (source_ids != NULL)
        TRY(load_side(self, split, SIDE_SOURCE, first, count, source_ids));
    if (target_ids != NULL)
        TRY(load_side(self, split, SIDE_TARGET, first, count, target_ids));
    return STATUS_OK;
}

status dataset_texts(dataset *self, dataset_split split, dataset_side side, char ***out,
                     size_t *count)
{
    char name[NAME_ROOM];

    CHECK(split != SPLIT_TRAIN && self->pairs[split] > 0);
    name_of(name, split, side, "text");
    TRY(store_load_strings(self->reader, name, out, count));
    if (*count == (size_t)self->pairs[split])
        return STATUS_OK;
    memory_destroy(*out);
    return fail(STATUS_FORMAT, "%s: %s has %zu lines, not %lld", store_path(self->reader), name,
                *count, (long long)self->pairs[split]);
}

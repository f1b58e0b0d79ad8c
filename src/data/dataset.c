/* dataset.c - a prepared dataset, read piece by piece. */
#include "lockstep/data/dataset.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "content.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/fingerprint.h"
#include "lockstep/store/store.h"

enum { MESSAGE_MAX = 1024, NAME_ROOM = 64, OFFSETS_AT_ONCE = 1024 };
enum { WORDS_MOST = 1000000 }; /* of a sentence: the largest data.max_length */

/* The context of a pair_source. */
typedef struct split_of {
    dataset *dataset;
    dataset_split split;
} split_of;

struct dataset {
    store_reader *reader;
    sides sides;
    uint64_t fingerprint, content, former;
    int64_t pairs[SPLITS], tokens[SPLITS][SIDES];
    int longest; /* positions of a side */
    split_of splits[SPLITS];
};

static void name_of(char out[NAME_ROOM], dataset_split split, dataset_side side,
                    const char *what)
{
    snprintf(out, NAME_ROOM, "/%s/%s/%s", dataset_split_name(split), side_name(side), what);
}

/* What a side's elements are called. */
static const char *elements_of(const dataset *self, dataset_side side)
{
    return sides_are_audio(&self->sides, side) ? "frames" : "ids";
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

static status check_list(const dataset *self, const char *name, store_type type,
                         uint64_t *length)
{
    store_shape shape;

    TRY(store_shape_of(self->reader, name, &shape));
    if (shape.type != type || shape.dimensions != 1)
        return fail(STATUS_FORMAT, "%s: %s is not a list of whole numbers",
                    store_path(self->reader), name);
    *length = shape.dims[0];
    return STATUS_OK;
}

static status check_frames(const dataset *self, const char *name, dataset_side side,
                           uint64_t *rows)
{
    uint64_t width = (uint64_t)sides_element(&self->sides, side).width;
    store_shape shape;

    TRY(store_shape_of(self->reader, name, &shape));
    if (shape.type != STORE_HALF || shape.dimensions != 2 || shape.dims[1] != width)
        return fail(STATUS_FORMAT, "%s: %s is not rows of %" PRIu64 " halves",
                    store_path(self->reader), name, width);
    *rows = shape.dims[0];
    return STATUS_OK;
}

static status check_elements(const dataset *self, const char *name, dataset_side side,
                             uint64_t *count)
{
    return sides_are_audio(&self->sides, side) ? check_frames(self, name, side, count)
                                               : check_list(self, name, STORE_INT32, count);
}

/* The offsets of a side begin at 0 and end at its last token; dataset_lengths sees that they
 * rise. */
static status check_side(dataset *self, dataset_split split, dataset_side side, uint64_t *pairs)
{
    char name[NAME_ROOM];
    uint64_t ids, offsets;
    int64_t first = 0, last = 0;

    name_of(name, split, side, elements_of(self, side));
    TRY(check_elements(self, name, side, &ids));
    TRY(store_verify_rows(self->reader, name));
    name_of(name, split, side, "offsets");
    TRY(check_list(self, name, STORE_INT64, &offsets));
    TRY(store_verify_rows(self->reader, name));
    if (offsets > 0) {
        TRY(store_load_rows(self->reader, name, STORE_INT64, 0, 1, &first));
        TRY(store_load_rows(self->reader, name, STORE_INT64, offsets - 1, 1, &last));
    }
    if (offsets == 0 || first != 0 || last < 0 || (uint64_t)last != ids)
        return fail(STATUS_FORMAT, "%s: %s are not the offsets of %" PRIu64 " tokens",
                    store_path(self->reader), name, ids);
    self->tokens[split][side] = last;
    *pairs = offsets - 1;
    return STATUS_OK;
}

static status count_pairs(dataset *self, dataset_split split)
{
    uint64_t pairs[SIDES];
    char name[NAME_ROOM];

    name_of(name, split, SIDE_SOURCE, "offsets");
    if (!store_has(self->reader, name))
        return STATUS_OK;
    for (int side = 0; side < SIDES; side++)
        TRY(check_side(self, split, (dataset_side)side, &pairs[side]));
    if (pairs[SIDE_SOURCE] != pairs[SIDE_TARGET])
        return fail(STATUS_FORMAT, "%s: %s has %" PRIu64 " sources and %" PRIu64 " targets",
                    store_path(self->reader), dataset_split_name(split), pairs[SIDE_SOURCE],
                    pairs[SIDE_TARGET]);
    self->pairs[split] = (int64_t)pairs[SIDE_SOURCE];
    return STATUS_OK;
}

static status fill(dataset *self)
{
    int64_t number;

    TRY(store_load_number(self->reader, "fingerprint", &number));
    self->fingerprint = self->former = (uint64_t)number;
    if (store_has_attribute(self->reader, "former")) {
        TRY(store_load_number(self->reader, "former", &number));
        self->former = (uint64_t)number;
    }
    TRY(content_load(self->reader, &self->content));
    TRY(sides_load(&self->sides, self->reader));
    for (int split = 0; split < SPLITS; split++) {
        self->splits[split] = (split_of){self, (dataset_split)split};
        TRY(count_pairs(self, (dataset_split)split));
    }
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
    self->longest = INT32_MAX;
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
    sides_free(&self->sides);
    store_close(self->reader);
    memory_destroy(self);
}

void dataset_limit(dataset *self, int longest)
{
    self->longest = longest;
}

const sides *dataset_sides(const dataset *self)
{
    return &self->sides;
}

uint64_t dataset_content(const dataset *self)
{
    return self->content;
}

bool dataset_is(const dataset *self, uint64_t known)
{
    return known == self->content || known == self->fingerprint || known == self->former;
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
    return store_load_rows(self->reader, name, STORE_INT64, (uint64_t)first, (uint64_t)count,
                           out);
}

/* Where the elements of these pairs begin and end. */
static status load_range(dataset *self, dataset_split split, dataset_side side, int64_t first,
                         int64_t count, int64_t *begin, int64_t *end)
{
    int64_t offsets[OFFSETS_AT_ONCE + 1];

    if (count > OFFSETS_AT_ONCE) {
        TRY(load_offsets(self, split, side, first, 1, begin));
        return load_offsets(self, split, side, first + count, 1, end);
    }
    TRY(load_offsets(self, split, side, first, count + 1, offsets));
    *begin = offsets[0];
    *end = offsets[count];
    return STATUS_OK;
}

static status refuse_pair(const dataset *self, dataset_split split, dataset_side side,
                          int64_t pair)
{
    return fail(STATUS_FORMAT,
                "%s: the %s of %s pair %" PRId64
                " has no tokens, or more than data.max_length; make the dataset with `lockstep "
                "prepare`",
                store_path(self->reader), side_name(side), dataset_split_name(split), pair + 1);
}

/* A label is one element, and tags are as many as there are elements in the source. */
static status check_classes(dataset *self, dataset_split split, int64_t first, int64_t count,
                            const int64_t *offsets)
{
    int64_t source[OFFSETS_AT_ONCE + 1];
    bool tags = self->sides.task == TASK_TAG;

    if (tags)
        TRY(load_offsets(self, split, SIDE_SOURCE, first, count + 1, source));
    for (int64_t i = 0; i < count; i++)
        if (offsets[i + 1] - offsets[i] != (tags ? source[i + 1] - source[i] : 1))
            return fail(STATUS_FORMAT,
                        "%s: %s pair %" PRId64 " has not one %s; make the dataset with "
                        "`lockstep prepare`",
                        store_path(self->reader), dataset_split_name(split), first + i + 1,
                        tags ? "tag for each token" : "label");
    return STATUS_OK;
}

status dataset_lengths(dataset *self, dataset_split split, dataset_side side, int64_t first,
                       int64_t count, int32_t *out)
{
    int64_t offsets[OFFSETS_AT_ONCE + 1];

    for (int64_t done = 0; done < count;) {
        int64_t now = count - done < OFFSETS_AT_ONCE ? count - done : OFFSETS_AT_ONCE;

        TRY(load_offsets(self, split, side, first + done, now + 1, offsets));
        for (int64_t i = 0; i < now; i++) {
            if (offsets[i] < 0 || offsets[i + 1] <= offsets[i] ||
                offsets[i + 1] > self->tokens[split][side] ||
                offsets[i + 1] - offsets[i] > self->longest)
                return refuse_pair(self, split, side, first + done + i);
            out[done + i] = (int32_t)(offsets[i + 1] - offsets[i]);
        }
        if (side == SIDE_TARGET && self->sides.task != TASK_GENERATE)
            TRY(check_classes(self, split, first + done, now, offsets));
        done += now;
    }
    return STATUS_OK;
}

/* Numbers that a side may hold: where words are copied, those of a sentence's own too. */
static int numbers_of(const dataset *self, dataset_side side)
{
    int symbols = sides_symbols(&self->sides, side);
    int words = self->longest < WORDS_MOST ? self->longest : WORDS_MOST;

    if (!self->sides.copies)
        return symbols;
    return side == SIDE_SOURCE ? symbols + words
                               : symbols + sides_symbols(&self->sides, SIDE_SOURCE) + words;
}

/* A number beyond the vocabulary would be read beyond the embeddings; -1 stands where there is
 * no tag. */
static status check_ids(const dataset *self, const char *name, dataset_side side,
                        const int32_t *ids, int64_t count)
{
    int symbols = numbers_of(self, side);
    int least = self->sides.task == TASK_TAG && side == SIDE_TARGET ? -1 : 0;

    for (int64_t i = 0; i < count; i++)
        if (ids[i] < least || ids[i] >= symbols)
            return fail(STATUS_FORMAT,
                        "%s: %s holds token %d, but the vocabulary has %d; make the dataset "
                        "with `lockstep prepare`",
                        store_path(self->reader), name, ids[i], symbols);
    return STATUS_OK;
}

status dataset_load(dataset *self, dataset_split split, dataset_side side, int64_t first,
                    int64_t count, void *out)
{
    bool audio = sides_are_audio(&self->sides, side);
    int64_t begin, end;
    char name[NAME_ROOM];

    TRY(load_range(self, split, side, first, count, &begin, &end));
    name_of(name, split, side, elements_of(self, side));
    TRY(store_load_rows(self->reader, name, audio ? STORE_HALF : STORE_INT32, (uint64_t)begin,
                        (uint64_t)(end - begin), out));
    if (audio)
        return STATUS_OK;
    return check_ids(self, name, side, out, end - begin);
}

static status split_lengths(void *context, dataset_side side, int64_t first, int64_t count,
                            int32_t *out)
{
    split_of *s = context;

    return dataset_lengths(s->dataset, s->split, side, first, count, out);
}

static status split_load(void *context, dataset_side side, int64_t first, int64_t count,
                         void *out)
{
    split_of *s = context;

    return dataset_load(s->dataset, s->split, side, first, count, out);
}

pair_source dataset_source(dataset *self, dataset_split split)
{
    pair_source made = {.context = &self->splits[split],
                        .pairs = self->pairs[split],
                        .lengths = split_lengths,
                        .load = split_load};

    for (int side = 0; side < SIDES; side++)
        made.elements[side] = sides_element(&self->sides, (dataset_side)side);
    return made;
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

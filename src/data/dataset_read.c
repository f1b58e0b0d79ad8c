/* dataset_read.c - pairs of a dataset, from the file that has them. */
#include <inttypes.h>
#include <stdio.h>

#include "dataset_state.h"
#include "lockstep/base/memory.h"

enum { OFFSETS_AT_ONCE = 1024 };
enum { WORDS_MOST = 1000000 }; /* of a sentence: the largest data.max_length */

/* Pairs of a split that stand in one file, numbered as there. */
typedef struct run {
    const dataset *of;
    const dataset_file *file;
    dataset_split split;
    int64_t first, count;
} run;

/* As many of the pairs [first, first + count) of a split as the first one's file has. */
static run run_at(const dataset *self, dataset_split split, int64_t first, int64_t count)
{
    const dataset_file *file = self->files;

    for (; first >= file->pairs[split]; file++) {
        first -= file->pairs[split];
        CHECK(file + 1 < self->files + self->parts);
    }
    int64_t left = file->pairs[split] - first;
    return (run){self, file, split, first, count < left ? count : left};
}

static status load_offsets(const run *r, dataset_side side, int64_t first, int64_t count,
                           int64_t *out)
{
    char name[DATASET_NAME];

    CHECK(first >= 0 && count >= 0 && first + count <= r->file->pairs[r->split] + 1);
    dataset_name(name, r->split, side, "offsets");
    return store_load_rows(r->file->reader, name, STORE_INT64, (uint64_t)first, (uint64_t)count,
                           out);
}

/* Where the run's elements begin and end. */
static status load_range(const run *r, dataset_side side, int64_t *begin, int64_t *end)
{
    int64_t offsets[OFFSETS_AT_ONCE + 1];

    if (r->count > OFFSETS_AT_ONCE) {
        TRY(load_offsets(r, side, r->first, 1, begin));
        return load_offsets(r, side, r->first + r->count, 1, end);
    }
    TRY(load_offsets(r, side, r->first, r->count + 1, offsets));
    *begin = offsets[0];
    *end = offsets[r->count];
    return STATUS_OK;
}

static status refuse_pair(const run *r, dataset_side side, int64_t pair)
{
    return fail(STATUS_FORMAT,
                "%s: the %s of %s pair %" PRId64
                " has no tokens, or more than data.max_length; make the dataset with `lockstep "
                "prepare`",
                store_path(r->file->reader), side_name(side), dataset_split_name(r->split),
                pair + 1);
}

/* A label is one element, and tags are as many as there are elements in the source. */
static status check_classes(const run *r, int64_t first, int64_t count, const int64_t *offsets)
{
    int64_t source[OFFSETS_AT_ONCE + 1];
    bool tags = r->of->sides.task == TASK_TAG;

    if (tags)
        TRY(load_offsets(r, SIDE_SOURCE, first, count + 1, source));
    for (int64_t i = 0; i < count; i++)
        if (offsets[i + 1] - offsets[i] != (tags ? source[i + 1] - source[i] : 1))
            return fail(STATUS_FORMAT,
                        "%s: %s pair %" PRId64 " has not one %s; make the dataset with "
                        "`lockstep prepare`",
                        store_path(r->file->reader), dataset_split_name(r->split),
                        first + i + 1, tags ? "tag for each token" : "label");
    return STATUS_OK;
}

static status read_lengths(const run *r, dataset_side side, int64_t first, int64_t count,
                           int32_t *out)
{
    int64_t offsets[OFFSETS_AT_ONCE + 1];

    TRY(load_offsets(r, side, first, count + 1, offsets));
    for (int64_t i = 0; i < count; i++) {
        if (offsets[i] < 0 || offsets[i + 1] <= offsets[i] ||
            offsets[i + 1] > r->file->tokens[r->split][side] ||
            offsets[i + 1] - offsets[i] > r->of->longest)
            return refuse_pair(r, side, first + i);
        out[i] = (int32_t)(offsets[i + 1] - offsets[i]);
    }
    return side == SIDE_TARGET && r->of->sides.task != TASK_GENERATE
               ? check_classes(r, first, count, offsets)
               : STATUS_OK;
}

static status run_lengths(const run *r, dataset_side side, int32_t *out)
{
    for (int64_t done = 0, now; done < r->count; done += now) {
        now = r->count - done < OFFSETS_AT_ONCE ? r->count - done : OFFSETS_AT_ONCE;
        TRY(read_lengths(r, side, r->first + done, now, out + done));
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
static status check_ids(const run *r, const char *name, dataset_side side, const int32_t *ids,
                        int64_t count)
{
    int symbols = numbers_of(r->of, side);
    int least = r->of->sides.task == TASK_TAG && side == SIDE_TARGET ? -1 : 0;

    for (int64_t i = 0; i < count; i++)
        if (ids[i] < least || ids[i] >= symbols)
            return fail(STATUS_FORMAT,
                        "%s: %s holds token %d, but the vocabulary has %d; make the dataset "
                        "with `lockstep prepare`",
                        store_path(r->file->reader), name, ids[i], symbols);
    return STATUS_OK;
}

/* `*elements`: how many there were. */
static status run_load(const run *r, dataset_side side, void *out, int64_t *elements)
{
    bool audio = sides_are_audio(&r->of->sides, side);
    int64_t begin, end;
    char name[DATASET_NAME];

    TRY(load_range(r, side, &begin, &end));
    *elements = end - begin;
    dataset_name(name, r->split, side, dataset_elements(r->of, side));
    TRY(store_load_rows(r->file->reader, name, audio ? STORE_HALF : STORE_INT32,
                        (uint64_t)begin, (uint64_t)*elements, out));
    return audio ? STATUS_OK : check_ids(r, name, side, out, *elements);
}

/* ---- with the readers to itself ---- */

status dataset_lengths(dataset *self, dataset_split split, dataset_side side, int64_t first,
                       int64_t count, int32_t *out)
{
    status result = STATUS_OK;
    run r;

    pthread_mutex_lock(&self->lock);
    for (int64_t done = 0; result == STATUS_OK && done < count; done += r.count) {
        r = run_at(self, split, first + done, count - done);
        result = run_lengths(&r, side, out + done);
    }
    pthread_mutex_unlock(&self->lock);
    return result;
}

status dataset_load(dataset *self, dataset_split split, dataset_side side, int64_t first,
                    int64_t count, void *out)
{
    size_t size = element_size(sides_element(&self->sides, side));
    status result = STATUS_OK;
    char *to = out;
    run r;

    pthread_mutex_lock(&self->lock);
    for (int64_t done = 0, elements; result == STATUS_OK && done < count; done += r.count) {
        r = run_at(self, split, first + done, count - done);
        result = run_load(&r, side, to, &elements);
        if (result == STATUS_OK)
            to += (size_t)elements * size;
    }
    pthread_mutex_unlock(&self->lock);
    return result;
}

status dataset_texts(dataset *self, dataset_split split, dataset_side side, char ***out,
                     size_t *count)
{
    store_reader *reader = self->files[0].reader;
    int64_t pairs = dataset_pairs(self, split);
    char name[DATASET_NAME];

    CHECK(split != SPLIT_TRAIN && pairs > 0);
    dataset_name(name, split, side, "text");
    pthread_mutex_lock(&self->lock);
    status result = store_load_strings(reader, name, out, count);
    pthread_mutex_unlock(&self->lock);
    if (result != STATUS_OK || *count == (size_t)pairs)
        return result;
    memory_destroy(*out);
    return fail(STATUS_FORMAT, "%s: %s has %zu lines, not %lld", store_path(reader), name,
                *count, (long long)pairs);
}

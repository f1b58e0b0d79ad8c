/* fingerprint.c - what a prepared dataset depends on. */
#include "lockstep/data/fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "lockstep/store/store.h"

/* A description in the making. */
typedef struct description {
    const char *known;
    buffer *out;
} description;

/* Append the line of `known` that says what `key` was. */
static status add_known(const description *d, const char *key, const char *path)
{
    size_t size = strlen(key);
    const char *line = d->known;

    while (line != NULL && !(strncmp(line, key, size) == 0 && line[size] == ' ')) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    if (line == NULL)
        return fail(STATUS_INPUT, "%s: %s: %s", key, path, strerror(ENOENT));
    log_warning("%s: %s: no such file; going by what the dataset was made from", key, path);
    return buffer_add(d->out, line, strcspn(line, "\n") + 1);
}

/* The dates of a file are not asked: hashing it takes less than reading it. */
static status add_file(const description *d, const char *key, const char *path)
{
    uint64_t size, hash;

    if (path == NULL)
        return STATUS_OK;
    if (!file_exists(path))
        return add_known(d, key, path);
    status result = store_hash_file(path, &hash);

    if (result == STATUS_OK)
        result = file_size(path, &size);
    if (result != STATUS_OK)
        return fail_context(result, "%s", key);
    return buffer_add_text(d->out, "%s %016" PRIx64 " %" PRIu64 "\n", key, hash, size);
}

static status add_files(const description *d, const config *c, dataset_split split)
{
    const config_files *files = dataset_split_files(c, split);
    const char *paths[] = {files->pairs, files->source, files->target};
    const char *names[] = {"pairs", "source", "target"};

    for (int i = 0; i < 3; i++) {
        char key[64];

        snprintf(key, sizeof(key), "data.%s.%s", dataset_split_name(split), names[i]);
        TRY(add_file(d, key, paths[i]));
    }
    return STATUS_OK;
}

/* Only what the kind of vocabulary listens to. */
static status add_side(const description *d, const char *key, const config_side *side)
{
    char model[64];

    if (side->symbols != NULL)
        TRY(buffer_add_text(d->out, "%s symbols %s\n", key, side->symbols));
    if (side->vocabulary != SYMBOL_SENTENCEPIECE)
        return buffer_add_text(d->out, "%s %s size %d minimum_count %d\n", key,
                               side->vocabulary == SYMBOL_WORDS ? "words" : "characters",
                               side->size, side->minimum_count);
    if (side->model == NULL)
        return buffer_add_text(d->out, "%s sentencepiece size %d %s\n", key, side->size,
                               side->algorithm == SENTENCEPIECE_UNIGRAM ? "unigram" : "bpe");
    snprintf(model, sizeof(model), "%s.model", key);
    return add_file(d, model, side->model);
}

status fingerprint_describe(const config *c, const char *known, buffer *out)
{
    const description d = {known, out};
    bool joint = c->data.vocabulary == VOCABULARIES_JOINT;

    /* Of the content, which was the same in version 1. */
    TRY(buffer_add_text(out, "dataset 1\n"));
    TRY(buffer_add_text(out, "vocabulary %s\n", joint ? "joint" : "separate"));
    if (c->model.decoder_input == DECODER_INPUT_MASK)
        TRY(buffer_add_text(out, "mask\n"));
    if (c->model.copy)
        TRY(buffer_add_text(out, "copy\n"));
    TRY(add_side(&d, "data.source", &c->data.source));
    if (!joint)
        TRY(add_side(&d, "data.target", &c->data.target));
    TRY(buffer_add_text(out, "max_length %d\n", c->data.max_length));
    for (int split = 0; split < SPLITS; split++)
        TRY(add_files(&d, c, (dataset_split)split));
    return STATUS_OK;
}

uint64_t fingerprint_number(const buffer *text)
{
    return store_hash(text->data, text->size);
}

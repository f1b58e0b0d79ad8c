/* fingerprint.c - what a prepared dataset depends on. */
#include "lockstep/data/fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fingerprint_audio.h"
#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "lockstep/store/store.h"
#include "sides_audio.h"
#include "stamps.h"

/* A description in the making. */
typedef struct description {
    const char *known, *dataset;
    buffer *out;
} description;

/* The line of `known` that says what `key` was; NULL for none. */
static const char *find_known(const description *d, const char *key)
{
    size_t size = strlen(key);
    const char *line = d->known;

    while (line != NULL && !(strncmp(line, key, size) == 0 && line[size] == ' ')) {
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return line;
}

static status add_known(const description *d, const char *key, const char *path)
{
    const char *line = find_known(d, key);

    if (line == NULL)
        return fail(STATUS_INPUT, "%s: %s: %s", key, path, strerror(ENOENT));
    log_warning("%s: %s: no such file; going by what the dataset was made from", key, path);
    return buffer_add(d->out, line, strcspn(line, "\n") + 1);
}

/* Dates of files are in no line: the same content elsewhere is the same. */
static status add_file(const description *d, const char *key, const char *path)
{
    uint64_t size, hash;

    if (path == NULL)
        return STATUS_OK;
    if (!file_exists(path))
        return add_known(d, key, path);
    status result = stamps_hash_file(d->dataset, path, &hash);

    if (result == STATUS_OK)
        result = file_size(path, &size);
    if (result != STATUS_OK)
        return fail_context(result, "%s", key);
    return buffer_add_text(d->out, "%s %016" PRIx64 " %" PRIu64 "\n", key, hash, size);
}

static status add_files(const description *d, const config *c, dataset_split split)
{
    const config_files *files = dataset_split_files(c, split);
    const char *paths[] = {files->pairs, files->conll, files->source, files->target};
    const char *names[] = {"pairs", "conll", "source", "target"};

    for (int i = 0; i < 4; i++) {
        char key[64];

        snprintf(key, sizeof(key), "data.%s.%s", dataset_split_name(split), names[i]);
        TRY(add_file(d, key, paths[i]));
    }
    return STATUS_OK;
}

/* ---- audio ---- */

/* The line of a split's files: their number and bytes, and a hash of all of them. */
static status print_audio(const char *key, const fingerprint_files *all, buffer *out)
{
    return buffer_add_text(out, "%s %016" PRIx64 " %" PRId64 " %" PRIu64 "\n", key, all->hash,
                           all->files, all->bytes);
}

static bool is_known(const description *d, const char *key, const buffer *line)
{
    const char *known = find_known(d, key);

    return known != NULL && strncmp(known, line->data, line->size) == 0;
}

/* Files that are gone are left out, or were there when the dataset was made. */
static status add_gone(const description *d, bool skip, const char *key,
                       const fingerprint_files *all, const buffer *line)
{
    const char *known = find_known(d, key);

    if (skip && (known == NULL || is_known(d, key, line)))
        return buffer_add(d->out, line->data, line->size);
    if (known == NULL)
        return fail(STATUS_INPUT, "%s", all->first_gone);
    log_warning("%s; of %" PRId64 " audio files %" PRId64
                " cannot be opened; going by what the dataset was made from",
                all->first_gone, all->files, all->gone);
    return buffer_add(d->out, known, strcspn(known, "\n") + 1);
}

static status add_files_of(const description *d, const config *c, const char *key,
                           const fingerprint_files *all)
{
    buffer line = {0};
    status result = print_audio(key, all, &line);

    if (result == STATUS_OK)
        result = all->gone == 0 ? buffer_add(d->out, line.data, line.size)
                                : add_gone(d, c->data.skip_bad != 0, key, all, &line);
    buffer_free(&line);
    return result;
}

static status add_audio(const description *d, const config *c, dataset_split split)
{
    const config_files *files = dataset_split_files(c, split);
    const char *path = files->pairs != NULL ? files->pairs : files->source;
    fingerprint_files all;
    char key[64];

    if (c->data.source.kind != INPUT_AUDIO || path == NULL)
        return STATUS_OK;
    snprintf(key, sizeof(key), "data.%s.audio", dataset_split_name(split));
    if (!file_exists(path))
        return add_known(d, key, path);
    status result = fingerprint_audio(files, dataset_split_name(split), &all);
    if (result == STATUS_OK)
        result = add_files_of(d, c, key, &all);
    return result == STATUS_OK ? result
                               : fail_context(result, "data.%s", dataset_split_name(split));
}

static status add_settings(const description *d, const config *c)
{
    const audio_settings settings = audio_settings_of(&c->data.source);

    TRY(buffer_add_text(d->out, "data.source audio 1 "));
    TRY(sides_audio_print(&settings, d->out));
    return buffer_add_text(d->out, "%s\n", c->data.skip_bad != 0 ? " skip_bad" : "");
}

/* ---- sides ---- */

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

/* A tag's place depends on where words go on. */
static status add_target(const description *d, const config *c)
{
    if (c->model.task == TASK_LABEL)
        return buffer_add_text(d->out, "data.target labels\n");
    if (c->model.task == TASK_TAG)
        return buffer_add_text(d->out, "data.target tags, continuation %s\n",
                               c->data.source.continuation);
    return add_side(d, "data.target", &c->data.target);
}

status fingerprint_describe(const config *c, const char *known, buffer *out)
{
    char dataset[FILE_PATH_MAX];
    const description d = {known, dataset, out};
    bool joint = c->data.vocabulary == VOCABULARIES_JOINT;

    TRY(dataset_path(c, dataset, sizeof(dataset)));
    /* Of the content, which was the same in version 1. */
    TRY(buffer_add_text(out, "dataset 1\n"));
    TRY(buffer_add_text(out, "vocabulary %s\n", joint ? "joint" : "separate"));
    if (c->model.decoder_input == DECODER_INPUT_MASK)
        TRY(buffer_add_text(out, "mask\n"));
    if (c->model.copy)
        TRY(buffer_add_text(out, "copy\n"));
    TRY(c->data.source.kind == INPUT_AUDIO ? add_settings(&d, c)
                                           : add_side(&d, "data.source", &c->data.source));
    if (!joint)
        TRY(add_target(&d, c));
    TRY(buffer_add_text(out, "max_length %d\n", c->data.max_length));
    for (int split = 0; split < SPLITS; split++) {
        TRY(add_files(&d, c, (dataset_split)split));
        TRY(add_audio(&d, c, (dataset_split)split));
    }
    return STATUS_OK;
}

uint64_t fingerprint_number(const buffer *text)
{
    return store_hash(text->data, text->size);
}

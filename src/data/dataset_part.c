/* dataset_part.c - the files of a dataset: where they are, and whether they belong together. */
#include "dataset_part.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/log.h"
#include "lockstep/data/dataset.h"
#include "stamps.h"

int dataset_parts(const config *c)
{
    return c->data.dataset != NULL ? config_paths(c->data.dataset) : 1;
}

status dataset_part_path(const config *c, int part, char *out, size_t size)
{
    bool fits;

    if (c->data.dataset != NULL) {
        fits = config_path_at(c->data.dataset, part, out, size);
    } else {
        int used = snprintf(out, size, "%s/dataset.h5", c->run.folder);
        fits = used >= 0 && (size_t)used < size;
    }
    return fits ? STATUS_OK : fail(STATUS_CONFIG, "data.dataset: the path is too long");
}

status dataset_path(const config *c, char *out, size_t size)
{
    return dataset_part_path(c, 0, out, size);
}

/* ---- what a file is ---- */

static bool is_dataset(const char *path)
{
    char kind[32];

    return file_exists(path) && file_is_regular(path) && store_kind(path, kind) == STATUS_OK &&
           strcmp(kind, "dataset") == 0;
}

status dataset_part_check(const char *path, int number, int parts)
{
    uint64_t note[2];

    if (!is_dataset(path))
        return STATUS_OK;
    TRY(store_note(path, note));
    uint64_t part = note[1] > 1 ? note[0] : 1, of = note[1] > 1 ? note[1] : 1;
    if (part == (uint64_t)number + 1 && of == (uint64_t)parts)
        return STATUS_OK;
    if (of == 1)
        return fail(
            STATUS_CONFIG,
            "%s: is a whole dataset, but data.dataset has it as file %d of %d; name other "
            "files, or remove it",
            path, number + 1, parts);
    return fail(
        STATUS_CONFIG,
        "%s: is file %llu of the %llu of a dataset, but data.dataset has it as file %d of "
        "%d; name all of them, in their order",
        path, (unsigned long long)part, (unsigned long long)of, number + 1, parts);
}

status dataset_part_content(store_reader *reader, uint64_t *out)
{
    int64_t number;

    TRY(store_load_number(reader, "content", &number));
    *out = (uint64_t)number;
    return STATUS_OK;
}

status dataset_part_belongs(store_reader *reader, uint64_t content, const char *first)
{
    uint64_t own;

    TRY(dataset_part_content(reader, &own));
    if (own == content)
        return STATUS_OK;
    return fail(STATUS_FORMAT, "%s: is of another dataset than %s", store_path(reader), first);
}

/* ---- whether all are there ---- */

/* The content that a part has, the whole file verified. */
static status verify(const char *path, uint64_t *content)
{
    store_reader *reader;

    TRY(stamps_open(&reader, path));
    status result = dataset_part_content(reader, content);
    store_close(reader);
    return result;
}

static status check_all(const config *c, bool *whole)
{
    uint64_t first = 0, content;
    char path[FILE_PATH_MAX];

    for (int i = 0; i < dataset_parts(c); i++) {
        TRY(dataset_part_path(c, i, path, sizeof(path)));
        TRY(verify(path, &content));
        first = i == 0 ? content : first;
        if (content != first)
            return fail(STATUS_FORMAT, "%s: is of another dataset than the files before it",
                        path);
    }
    *whole = true;
    return STATUS_OK;
}

status dataset_check_parts(const config *c, bool *whole)
{
    int there = 0, parts = dataset_parts(c);
    char path[FILE_PATH_MAX];

    *whole = false;
    for (int i = 0; i < parts; i++) {
        TRY(dataset_part_path(c, i, path, sizeof(path)));
        TRY(dataset_part_check(path, i, parts));
        there += file_exists(path);
    }
    if (parts == 1)
        *whole = there == 1;
    if (parts == 1 || there == 0)
        return STATUS_OK;
    status result = check_all(c, whole);
    if (result != STATUS_FORMAT && result != STATUS_INPUT)
        return result;
    log_warning("%s; it must be prepared again", error_message());
    return STATUS_OK;
}

/* dataset_files.c - the files of a dataset that is written. */
#include "dataset_files.h"

#include <stdio.h>
#include <string.h>

#include "dataset_part.h"
#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/fingerprint.h"

status dataset_files_check(const config *c)
{
    int parts = dataset_parts(c);
    char path[FILE_PATH_MAX];

    for (int part = 0; part < parts; part++) {
        TRY(dataset_part_path(c, part, path, sizeof(path)));
        TRY(dataset_place_check(path));
        TRY(dataset_part_check(path, part, parts));
    }
    return STATUS_OK;
}

static status open_part(dataset_files *self, const config *c, int part, uint64_t fingerprint)
{
    char path[FILE_PATH_MAX];

    TRY(dataset_part_path(c, part, path, sizeof(path)));
    TRY(file_make_parent(path));
    TRY(store_create(&self->writers[part], path, "dataset", DATASET_VERSION));
    return store_add_number(self->writers[part], "fingerprint", (int64_t)fingerprint);
}

status dataset_files_create(dataset_files *out, const config *c, uint64_t fingerprint)
{
    status result = STATUS_OK;

    *out = (dataset_files){.parts = dataset_parts(c)};
    out->writers = memory_create((size_t)out->parts, sizeof(*out->writers));
    if (out->writers == NULL)
        return fail(STATUS_NOMEM, "no memory to write %d files", out->parts);
    for (int part = 0; result == STATUS_OK && part < out->parts; part++)
        result = open_part(out, c, part, fingerprint);
    if (result != STATUS_OK)
        dataset_files_cancel(out);
    return result;
}

void dataset_files_cancel(dataset_files *self)
{
    for (int part = 0; part < self->parts; part++)
        store_cancel(self->writers[part]);
    memory_destroy(self->writers);
    *self = (dataset_files){0};
}

static status mark(const dataset_files *self, int part, uint64_t content)
{
    store_writer *writer = self->writers[part];

    if (self->parts == 1)
        return STATUS_OK;
    TRY(store_add_number(writer, "part", part + 1));
    TRY(store_add_number(writer, "parts", self->parts));
    TRY(store_add_number(writer, "content", (int64_t)content));
    store_set_note(writer, (uint64_t[]){(uint64_t)part + 1, (uint64_t)self->parts});
    return STATUS_OK;
}

static status finish(const dataset_files *self, bool joint)
{
    uint64_t content;

    TRY(content_added(self->writers[0], joint, self->wholes, &content));
    for (int part = 0; part < self->parts; part++) {
        TRY(mark(self, part, content));
        TRY(store_finish(self->writers[part]));
    }
    return STATUS_OK;
}

status dataset_files_save(dataset_files *self, bool joint)
{
    status result = finish(self, joint);

    for (int part = self->parts - 1; result == STATUS_OK && part >= 0; part--) {
        store_writer *writer = self->writers[part];

        self->writers[part] = NULL;
        result = store_save(writer);
    }
    dataset_files_cancel(self);
    return result;
}

status dataset_files_size(const config *c, uint64_t *out)
{
    char path[FILE_PATH_MAX];
    uint64_t size;

    *out = 0;
    for (int part = 0; part < dataset_parts(c); part++) {
        TRY(dataset_part_path(c, part, path, sizeof(path)));
        TRY(file_size(path, &size));
        *out += size;
    }
    return STATUS_OK;
}

/* checkpoint_save.c - everything a run needs to go on, written to one file. */
#include "lockstep/checkpoint/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "progress.h"
#include "tensors.h"

static status save_vocabulary(const checkpoint_vocabulary *vocabulary, const char *side,
                              store_writer *writer)
{
    const store_shape bytes = {STORE_BYTE, 1, {vocabulary->model_size, 0}};
    char name[64];

    snprintf(name, sizeof(name), "%s_vocabulary", side);
    TRY(store_add_number(writer, name, vocabulary->kind));
    snprintf(name, sizeof(name), "/vocabulary/%s/symbols", side);
    TRY(store_add_strings(writer, name, vocabulary->symbols, vocabulary->count));
    if (vocabulary->model == NULL)
        return STATUS_OK;
    snprintf(name, sizeof(name), "/vocabulary/%s/model", side);
    return store_add(writer, name, bytes, vocabulary->model);
}

static status save_origin(const checkpoint_origin *origin, store_writer *writer)
{
    TRY(store_add_text(writer, "build", origin->build));
    TRY(store_add_text(writer, "blas", origin->blas));
    return store_add_text(writer, "instructions", origin->instructions);
}

/* Everything but the optimizer's state. */
static status save_whole(const checkpoint_content *content, store_writer *writer)
{
    const parameters *p = content->parameters;

    TRY(store_add_text(writer, "format", "lockstep checkpoint"));
    TRY(store_add_number(writer, "version", CHECKPOINT_VERSION));
    TRY(store_add_number(writer, "step", content->progress.step));
    TRY(store_add_text(writer, "config", content->config));
    TRY(save_origin(&content->origin, writer));
    TRY(progress_save(&content->progress, writer));
    TRY(store_add_number(writer, "joint", content->joint));
    TRY(save_vocabulary(&content->source, "source", writer));
    TRY(save_vocabulary(&content->target, "target", writer));
    TRY(tensors_save(p, p->values, "/parameters", writer));
    return p->buffers == NULL
               ? STATUS_OK
               : tensors_save(p->buffers, p->buffers->values, "/buffers", writer);
}

static status make_folder_of(const char *path)
{
    char folder[FILE_PATH_MAX];
    const char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return STATUS_OK;
    snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
    return file_make_folder(folder);
}

static status begin(store_writer **out, const char *path, const checkpoint_content *content)
{
    TRY(make_folder_of(path));
    TRY(store_create(out, path, "checkpoint", CHECKPOINT_VERSION));
    return save_whole(content, *out);
}

status checkpoint_save(const char *path, const checkpoint_content *content)
{
    int first = content->averaged ? CHECKPOINT_AVERAGE : 0;
    int slots = content->rule == NULL ? 0 : content->rule->slots;
    store_writer *writer = NULL;
    status result = path == NULL ? STATUS_OK : begin(&writer, path, content);
    char group[64];

    for (int slot = first; slot < slots; slot++) {
        /* Whatever happens here, the other ranks take part in this call. */
        const float *whole = content->whole(content->user, slot);

        if (writer == NULL || result != STATUS_OK)
            continue;
        if (slot == CHECKPOINT_AVERAGE)
            snprintf(group, sizeof(group), "/average");
        else
            snprintf(group, sizeof(group), "/optimizer/%s", content->rule->slot_names[slot]);
        result = tensors_save(content->parameters, whole, group, writer);
    }
    if (writer == NULL)
        return result;
    if (result == STATUS_OK)
        return store_save(writer);
    store_cancel(writer);
    return result;
}

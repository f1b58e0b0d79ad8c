/* checkpoint_save.c - everything a run needs to go on, written to one file. */
#include "lockstep/checkpoint/checkpoint.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/file.h"
#include "progress.h"
#include "tensors.h"

static status save_origin(const checkpoint_origin *origin, store_writer *writer)
{
    TRY(store_add_text(writer, "build", origin->build));
    TRY(store_add_text(writer, "blas", origin->blas));
    TRY(store_add_text(writer, "instructions", origin->instructions));
    if (origin->arithmetic[0] == 0)
        return STATUS_OK;
    return store_add(writer, "/progress/arithmetic", progress_arithmetic_shape(),
                     origin->arithmetic);
}

static status save_head(const checkpoint_content *content, store_writer *writer)
{
    TRY(store_add_text(writer, "format", "lockstep checkpoint"));
    TRY(store_add_number(writer, "version", CHECKPOINT_VERSION));
    TRY(store_add_number(writer, "step", content->progress.step));
    TRY(store_add_text(writer, "config", content->config));
    TRY(save_origin(&content->origin, writer));
    return progress_save(&content->progress, writer);
}

static status save_tensors(const checkpoint_content *content, store_writer *writer)
{
    const parameters *p = content->layout;
    const optimizer_rule *rule = content->rule;
    char group[64];

    TRY(tensors_save(p, content->values, "/parameters", writer));
    if (p->buffers != NULL)
        TRY(tensors_save(p->buffers, content->buffers, "/buffers", writer));
    if (content->average != NULL)
        TRY(tensors_save(p, content->average, "/average", writer));
    for (int slot = 0; rule != NULL && slot < rule->slots; slot++) {
        snprintf(group, sizeof(group), "/optimizer/%s", rule->slot_names[slot]);
        TRY(tensors_save(p, content->slots[slot], group, writer));
    }
    return STATUS_OK;
}

static status save_all(const checkpoint_content *content, store_writer *writer)
{
    TRY(save_head(content, writer));
    if (content->add_rest != NULL)
        TRY(content->add_rest(content->rest, writer));
    return save_tensors(content, writer);
}

status checkpoint_save(const char *path, const checkpoint_content *content)
{
    store_writer *writer;

    TRY(file_make_parent(path));
    TRY(store_create(&writer, path, "checkpoint", CHECKPOINT_VERSION));
    store_set_note(writer, (const uint64_t[]){(uint64_t)(content->progress.step + 1),
                                              (uint64_t)(content->progress.best_step + 1)});
    status saved = save_all(content, writer);
    if (saved == STATUS_OK)
        return store_save(writer);
    store_cancel(writer);
    return saved;
}

/* ---- the rest of another ---- */

/* Is it none of what is written here? */
static bool is_rest(const char *name)
{
    static const char *const own[] = {
        "format",       "version",    "step",         "config",    "build",     "blas",
        "instructions", "/progress/", "/parameters/", "/buffers/", "/average/", "/optimizer/"};

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        size_t size = strlen(own[i]);

        if (own[i][0] == '/' ? strncmp(name, own[i], size) == 0 : strcmp(name, own[i]) == 0)
            return false;
    }
    return true;
}

status checkpoint_copy_rest(const void *rest, store_writer *writer)
{
    const checkpoint *from = rest;

    return store_copy(writer, from->reader, is_rest);
}

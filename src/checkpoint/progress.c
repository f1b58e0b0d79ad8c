/* progress.c - where a run stands, as scalars of a store. */
#include "progress.h"

#include <stdio.h>

/* One row per field of checkpoint_progress. */
static const struct {
    const char *name;
    size_t offset;
    store_type type;
} fields[] = {
#define FIELD(name, type)                                                                      \
    {                                                                                          \
        "/progress/" #name, offsetof(checkpoint_progress, name), type                          \
    }
    FIELD(step, STORE_INT64),         FIELD(epoch, STORE_INT64),
    FIELD(window, STORE_INT64),       FIELD(batch, STORE_INT64),
    FIELD(tokens, STORE_INT64),       FIELD(best_step, STORE_INT64),
    FIELD(best_metric, STORE_DOUBLE), FIELD(without_better, STORE_INT64),
    FIELD(validated_step, STORE_INT64), FIELD(dataset, STORE_INT64),
#undef FIELD
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

status progress_save(const checkpoint_progress *progress, store_writer *writer)
{
    for (int i = 0; i < FIELDS; i++)
        TRY(store_add(writer, fields[i].name, (store_shape){.type = fields[i].type},
                      (const char *)progress + fields[i].offset));
    return STATUS_OK;
}

status progress_load(checkpoint_progress *out, store_reader *reader)
{
    for (int i = 0; i < FIELDS; i++)
        TRY(store_load(reader, fields[i].name, (store_shape){.type = fields[i].type},
                       (char *)out + fields[i].offset));
    return STATUS_OK;
}

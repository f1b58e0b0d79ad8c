/* content.c - what a run learns from, whatever files it was made of. */
#include "content.h"

#include <inttypes.h>
#include <string.h>

#include "lockstep/base/buffer.h"

static const char *const names[] = {
    "/vocabulary/source/symbols", "/vocabulary/source/model", "/train/source/ids",
    "/train/source/frames",       "/train/source/offsets",    "/train/target/ids",
    "/train/target/offsets",      "/valid/source/ids",        "/valid/source/frames",
    "/valid/source/offsets",      "/valid/target/ids",        "/valid/target/offsets",
    "/vocabulary/target/symbols", "/vocabulary/target/model"};

/* The last two say nothing new where the vocabulary is joint, and older datasets lack them. */
enum { NAMES = sizeof(names) / sizeof(names[0]), JOINT_NAMES = NAMES - 2 };

static status add(buffer *text, const char *name, uint64_t hash)
{
    return buffer_add_text(text, "%s %016" PRIx64 "\n", name, hash);
}

static status load(store_reader *reader, buffer *text)
{
    int64_t joint;
    uint64_t hash;

    TRY(store_load_number(reader, "joint", &joint));
    for (int i = 0; i < (joint != 0 ? JOINT_NAMES : NAMES); i++) {
        if (!store_has(reader, names[i]))
            continue;
        TRY(store_hash_of(reader, names[i], &hash));
        TRY(add(text, names[i], hash));
    }
    return STATUS_OK;
}

static status finish(status result, buffer *text, uint64_t *out)
{
    if (result == STATUS_OK)
        *out = store_hash(text->data, text->size);
    buffer_free(text);
    return result;
}

status content_load(store_reader *reader, uint64_t *out)
{
    buffer text = {0};

    return finish(load(reader, &text), &text, out);
}

static bool find_hash(const store_writer *writer, const content_whole *wholes, const char *name,
                      uint64_t *hash)
{
    for (const content_whole *whole = wholes; whole->name[0] != '\0'; whole++)
        if (strcmp(whole->name, name) == 0) {
            *hash = whole->hash;
            return true;
        }
    return store_added_hash(writer, name, hash);
}

status content_added(const store_writer *writer, bool joint, const content_whole *wholes,
                     uint64_t *out)
{
    buffer text = {0};
    status result = STATUS_OK;
    uint64_t hash;

    for (int i = 0; result == STATUS_OK && i < (joint ? JOINT_NAMES : NAMES); i++)
        if (find_hash(writer, wholes, names[i], &hash))
            result = add(&text, names[i], hash);
    return finish(result, &text, out);
}

/* sides_pack.c - sides as bytes, for other processes. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/data/sides.h"

typedef struct vocabulary_head {
    int32_t kind, mask;
    uint64_t symbols, text, model; /* how many; bytes, each symbol ended by a 0 byte; bytes */
} vocabulary_head;

typedef struct head {
    int32_t task, copies, joint, goes_on;
    uint64_t continuation; /* bytes with the 0 byte */
    vocabulary_head of[SIDES];
} head;

static int own(bool joint)
{
    return joint ? 1 : SIDES;
}

/* ---- to bytes ---- */

static status pack_vocabulary(const vocabulary *v, vocabulary_head *of, buffer *out)
{
    size_t begin = out->size, size;
    const void *model = vocabulary_model(v, &size);

    for (int i = 0; i < vocabulary_size(v); i++) {
        const char *symbol = vocabulary_symbol(v, i);
        TRY(buffer_add(out, symbol, strlen(symbol) + 1));
    }
    *of = (vocabulary_head){.kind = (int32_t)vocabulary_kind_of(v),
                            .mask = vocabulary_has_mask(v),
                            .symbols = (uint64_t)vocabulary_size(v),
                            .text = out->size - begin,
                            .model = size};
    return buffer_add(out, model, size);
}

status sides_pack(const sides *self, buffer *out)
{
    const char *mark = self->continuation != NULL ? self->continuation : "";
    size_t begin = out->size;
    head all = {.task = self->task,
                .copies = self->copies,
                .joint = sides_are_joint(self),
                .goes_on = self->continuation != NULL,
                .continuation = strlen(mark) + 1};

    TRY(buffer_add(out, &all, sizeof(all)));
    TRY(buffer_add(out, mark, all.continuation));
    for (int side = 0; side < own(all.joint); side++)
        TRY(pack_vocabulary(self->vocabularies[side], &all.of[side], out));
    memcpy(out->data + begin, &all, sizeof(all));
    return STATUS_OK;
}

/* ---- and back ---- */

static status load_vocabulary(vocabulary **out, const vocabulary_head *of, const char *text)
{
    const char **list = memory_create(of->symbols, sizeof(*list));
    const char *at = text;

    if (list == NULL)
        return fail(STATUS_NOMEM, "no memory for %zu symbols", (size_t)of->symbols);
    for (uint64_t i = 0; i < of->symbols; i++, at += strlen(at) + 1)
        list[i] = at;
    status result = vocabulary_load(out, (vocabulary_kind)of->kind, list, of->symbols,
                                    text + of->text, of->model, of->mask != 0);

    memory_destroy(list);
    return result;
}

static status load(sides *out, const head *all, const char *at)
{
    out->task = all->task;
    out->copies = all->copies != 0;
    if (all->goes_on && (out->continuation = memory_copy_text(at)) == NULL)
        return fail(STATUS_NOMEM, "no memory for a mark");
    at += all->continuation;
    for (int side = 0; side < own(all->joint); side++) {
        TRY(load_vocabulary(&out->vocabularies[side], &all->of[side], at));
        at += all->of[side].text + all->of[side].model;
    }
    for (int side = own(all->joint); side < SIDES; side++)
        out->vocabularies[side] = out->vocabularies[0];
    return STATUS_OK;
}

status sides_unpack(sides *out, const char *packed)
{
    head all;

    memcpy(&all, packed, sizeof(all));
    *out = (sides){0};
    status result = load(out, &all, packed + sizeof(all));

    if (result != STATUS_OK)
        sides_free(out);
    return result;
}

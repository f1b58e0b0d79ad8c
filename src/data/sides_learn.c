/* sides_learn.c - the vocabularies of two sides, counted for here and there. */
#include "sides_learn.h"

#include <string.h>

/* Before a line that is kept, or what a side has saved. */
typedef struct head {
    uint32_t side;
    uint32_t line;  /* bytes */
    uint64_t saved; /* bytes */
} head;

static bool counts(const sides_learning *self, int side)
{
    bool again = side == SIDE_TARGET && self->of[SIDE_TARGET] == self->of[SIDE_SOURCE];

    return self->of[side] != NULL && !again && !vocabulary_builder_keeps_lines(self->of[side]);
}

static status keep_line(buffer *kept, int side, const corpus_line *line)
{
    const head of = {.side = (uint32_t)side, .line = (uint32_t)line->size};

    if (line->size > UINT32_MAX) /* the builder takes none so long */
        return STATUS_OK;
    TRY(buffer_add(kept, &of, sizeof(of)));
    return buffer_add(kept, line->text, line->size);
}

status sides_learning_add(sides_learning *self, const corpus_line lines[SIDES], buffer *kept)
{
    for (int side = 0; side < SIDES; side++) {
        vocabulary_builder *builder = self->of[side];
        if (builder == NULL)
            continue;
        TRY(vocabulary_builder_keeps_lines(builder)
                ? keep_line(kept, side, &lines[side])
                : vocabulary_builder_add(builder, lines[side].text, lines[side].size));
    }
    return STATUS_OK;
}

status sides_learning_keep(sides_learning *self, const char *kept, size_t size)
{
    head next;

    for (const char *at = kept; at < kept + size; at += sizeof(next) + next.line) {
        memcpy(&next, at, sizeof(next));
        TRY(vocabulary_builder_add(self->of[next.side], at + sizeof(next), next.line));
    }
    return STATUS_OK;
}

status sides_learning_save(const sides_learning *self, buffer *out)
{
    for (int side = 0; side < SIDES; side++) {
        head of = {.side = (uint32_t)side};
        size_t at = out->size;

        if (!counts(self, side))
            continue;
        TRY(buffer_add(out, &of, sizeof(of)));
        TRY(vocabulary_builder_save(self->of[side], out));
        of.saved = out->size - at - sizeof(of);
        memcpy(out->data + at, &of, sizeof(of));
    }
    return STATUS_OK;
}

status sides_learning_merge(sides_learning *self, const char *saved, size_t size)
{
    head next;

    for (const char *at = saved; at < saved + size; at += sizeof(next) + next.saved) {
        memcpy(&next, at, sizeof(next));
        TRY(vocabulary_builder_merge(self->of[next.side], at + sizeof(next), next.saved));
    }
    return STATUS_OK;
}

/* vocabulary_encode.c - lines to token numbers and back. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/text/join.h"
#include "lockstep/text/part.h"
#include "vocabulary_parts.h"

bool vocabulary_next_part(const vocabulary *self, const char *line, size_t size, size_t *at,
                          part *out)
{
    const cutter by = {.kind = self->kind,
                       .symbols = &self->symbols,
                       .first = self->specials,
                       .end = self->own_end};

    return cutter_next(&by, line, size, at, out);
}

/* Text that reads "<end>" is not the end: only found symbols count. */
int32_t vocabulary_find(const vocabulary *self, const part *symbol)
{
    int32_t found = string_table_find(&self->symbols, symbol->text, symbol->size);

    return found < self->specials ? TOKEN_UNK : found;
}

void sink_add_symbol(sink *to, const vocabulary *self, const part *symbol)
{
    if (to->count < to->room)
        to->ids[to->count] = vocabulary_find(self, symbol);
    to->count++;
}

size_t vocabulary_count_specials(const vocabulary *self, const char *line, size_t size)
{
    size_t count = 0, at = 0;
    part found;

    if (self->kind == VOCABULARY_SENTENCEPIECE || self->kind == VOCABULARY_CHARACTERS ||
        memchr(line, '<', size) == NULL)
        return 0;
    while (vocabulary_next_part(self, line, size, &at, &found)) {
        int32_t id = string_table_find(&self->symbols, found.text, found.size);

        count += id >= 0 && id < self->specials;
    }
    return count;
}

static bool is_mask(const vocabulary *self, int32_t id)
{
    return id == TOKEN_MASK && vocabulary_has_mask(self);
}

status sink_add_pieces(sink *to, const vocabulary *self, const part *text)
{
    char message[PIECE_MESSAGE_MAX];
    size_t first = to->count < to->room ? to->count : to->room, count;
    piece_result result =
        piece_model_encode(self->model, text->text, text->size, to->ids + first,
                           to->room - first, &count, message);

    if (result != PIECE_OK)
        return vocabulary_explain(result, "encoding a line", message);
    to->count += count;
    for (size_t i = first; i < to->count && i < to->room; i++) {
        int32_t id = self->from_piece[to->ids[i]];

        to->ids[i] = is_mask(self, id) ? TOKEN_UNK : id;
    }
    return STATUS_OK;
}

status vocabulary_encode(const vocabulary *self, const char *line, size_t size, int32_t *ids,
                         size_t room, size_t *count)
{
    sink to = {.ids = ids, .room = room};
    part found = {.text = line, .size = size};

    if (self->kind == VOCABULARY_SENTENCEPIECE)
        TRY(sink_add_pieces(&to, self, &found));
    else
        for (size_t at = 0; vocabulary_next_part(self, line, size, &at, &found);)
            sink_add_symbol(&to, self, &found);
    *count = to.count;
    return STATUS_OK;
}

/* Symbols that stand for no text. */
static bool is_silent(const vocabulary *self, int32_t id)
{
    return id == TOKEN_BEGIN || id == TOKEN_END || is_mask(self, id);
}

static const char *text_of(const vocabulary *self, const vocabulary_others *others, int32_t id)
{
    return others == NULL || id < vocabulary_size(self) ? vocabulary_symbol(self, id)
                                                        : others->text(others->user, id);
}

static status decode_symbols(const vocabulary *self, const vocabulary_others *others,
                             const int32_t *ids, size_t count, const char *between, buffer *out)
{
    const char *separator = "";

    for (size_t i = 0; i < count; i++) {
        const char *symbol = text_of(self, others, ids[i]);

        if (is_silent(self, ids[i]))
            continue;
        TRY(buffer_add(out, separator, strlen(separator)));
        TRY(buffer_add(out, symbol, strlen(symbol)));
        separator = between;
    }
    return STATUS_OK;
}

static status decode_words(const vocabulary *self, const vocabulary_others *others,
                           const int32_t *ids, size_t count, const char *continuation,
                           buffer *out)
{
    buffer line = {0};
    status result = decode_symbols(self, others, ids, count, " ", &line);

    if (result == STATUS_OK && line.size > 0)
        result = text_join(line.data, line.size, continuation, out);
    buffer_free(&line);
    return result;
}

static status decode_pieces(const vocabulary *self, const int32_t *ids, size_t count,
                            buffer *out)
{
    char message[PIECE_MESSAGE_MAX];
    int32_t *pieces = memory_create(count, sizeof(*pieces));
    size_t kept = 0;

    if (pieces == NULL)
        return fail(STATUS_NOMEM, "no memory to decode %zu tokens", count);
    for (size_t i = 0; i < count; i++) {
        CHECK(ids[i] >= 0 && ids[i] < vocabulary_size(self));
        if (!is_silent(self, ids[i]))
            pieces[kept++] = self->to_piece[ids[i]];
    }
    piece_result result =
        piece_model_decode(self->model, pieces, kept, vocabulary_take, out, message);

    memory_destroy(pieces);
    if (result != PIECE_OK)
        return vocabulary_explain(result, "decoding a line", message);
    return STATUS_OK;
}

status vocabulary_decode(const vocabulary *self, const int32_t *ids, size_t count,
                         const char *continuation, buffer *out)
{
    return vocabulary_decode_with(self, NULL, ids, count, continuation, out);
}

status vocabulary_decode_with(const vocabulary *self, const vocabulary_others *others,
                              const int32_t *ids, size_t count, const char *continuation,
                              buffer *out)
{
    switch (self->kind) {
    case VOCABULARY_CHARACTERS:
    case VOCABULARY_LINES:
        return decode_symbols(self, others, ids, count, "", out);
    case VOCABULARY_WORDS:
        return decode_words(self, others, ids, count, continuation, out);
    case VOCABULARY_SENTENCEPIECE:
        break;
    }
    return decode_pieces(self, ids, count, out);
}

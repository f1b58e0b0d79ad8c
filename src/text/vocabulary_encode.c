/* vocabulary_encode.c - lines to token numbers and back. */
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/text/join.h"
#include "part.h"
#include "vocabulary_parts.h"

/* Where the numbers go; counts on when the room is full. */
typedef struct sink {
    int32_t *ids;
    size_t room, count;
} sink;

bool vocabulary_next_own(const string_table *symbols, int first, int end, const char *line,
                         size_t size, size_t *at, part *out)
{
    size_t longest = 0;

    for (int i = first; i < end && *at < size; i++) {
        const char *text = string_table_at(symbols, (size_t)i);
        size_t length = strlen(text);
        if (length > longest && length <= size - *at && memcmp(line + *at, text, length) == 0)
            longest = length;
    }
    if (longest == 0)
        return part_next_character(line, size, at, out);
    *out = (part){.text = line + *at, .size = longest};
    *at += longest;
    return true;
}

bool vocabulary_next_part(const vocabulary *self, const char *line, size_t size, size_t *at,
                          const char **text, size_t *part_size)
{
    bool words = self->kind == VOCABULARY_WORDS;
    part found;

    CHECK(self->kind != VOCABULARY_SENTENCEPIECE);
    if (!(words ? part_next_word(line, size, at, &found)
                : vocabulary_next_own(&self->symbols, self->specials, self->own_end, line, size,
                                      at, &found)))
        return false;
    *text = found.text;
    *part_size = found.size;
    return true;
}

/* Text that reads "<end>" is not the end: only found symbols count. */
int32_t vocabulary_find(const vocabulary *self, const char *text, size_t size)
{
    int32_t found = string_table_find(&self->symbols, text, size);

    return found < self->specials ? TOKEN_UNK : found;
}

static void encode_parts(const vocabulary *self, const char *line, size_t size, sink *to)
{
    const char *text;
    size_t part_size;

    for (size_t at = 0; vocabulary_next_part(self, line, size, &at, &text, &part_size);) {
        if (to->count < to->room)
            to->ids[to->count] = vocabulary_find(self, text, part_size);
        to->count++;
    }
}

size_t vocabulary_count_specials(const vocabulary *self, const char *line, size_t size)
{
    size_t count = 0, at = 0;
    part found;

    if (self->kind != VOCABULARY_WORDS || memchr(line, '<', size) == NULL)
        return 0;
    while (part_next_word(line, size, &at, &found)) {
        int32_t id = string_table_find(&self->symbols, found.text, found.size);

        count += id >= 0 && id < self->specials;
    }
    return count;
}

static bool is_mask(const vocabulary *self, int32_t id)
{
    return id == TOKEN_MASK && vocabulary_has_mask(self);
}

static status encode_pieces(const vocabulary *self, const char *line, size_t size, sink *to)
{
    char message[PIECE_MESSAGE_MAX];
    piece_result result =
        piece_model_encode(self->model, line, size, to->ids, to->room, &to->count, message);

    if (result != PIECE_OK)
        return vocabulary_explain(result, "encoding a line", message);
    for (size_t i = 0; i < to->count && i < to->room; i++) {
        int32_t id = self->from_piece[to->ids[i]];

        to->ids[i] = is_mask(self, id) ? TOKEN_UNK : id;
    }
    return STATUS_OK;
}

status vocabulary_encode(const vocabulary *self, const char *line, size_t size, int32_t *ids,
                         size_t room, size_t *count)
{
    sink to = {.ids = ids, .room = room};

    if (self->kind == VOCABULARY_SENTENCEPIECE)
        TRY(encode_pieces(self, line, size, &to));
    else
        encode_parts(self, line, size, &to);
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
        return decode_symbols(self, others, ids, count, "", out);
    case VOCABULARY_WORDS:
        return decode_words(self, others, ids, count, continuation, out);
    case VOCABULARY_SENTENCEPIECE:
        break;
    }
    return decode_pieces(self, ids, count, out);
}

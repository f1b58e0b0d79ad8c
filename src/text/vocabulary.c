/* vocabulary.c - what a vocabulary holds, and making one from a file. */
#include "lockstep/text/vocabulary.h"

#include <string.h>

#include "lockstep/base/file.h"
#include "lockstep/base/memory.h"
#include "lockstep/base/utf8.h"
#include "vocabulary_parts.h"

const char *const vocabulary_specials[SPECIALS_MOST] = {"<unk>", "<begin>", "<end>", "<mask>"};

status vocabulary_explain(piece_result result, const char *what, const char *message)
{
    return fail(result == PIECE_NO_MEMORY ? STATUS_NOMEM : STATUS_INPUT,
                "%s: SentencePiece: %s", what, message);
}

int vocabulary_take(void *user, const void *bytes, size_t size)
{
    return buffer_add(user, bytes, size) == STATUS_OK ? 0 : 1;
}

static status add_text(string_table *table, const char *text)
{
    return string_table_add(table, text, strlen(text));
}

/* Has a symbol more than one character? */
static bool is_longer(const char *text)
{
    int32_t first;
    int bytes = utf8_step(text, strlen(text), &first);

    return bytes > 0 && text[bytes] != '\0';
}

/* Symbols as a file lists them: specials first, none twice. */
static status fill_symbols(vocabulary *self, const char *const *list, size_t count)
{
    for (size_t i = 0; i < (size_t)self->specials; i++) {
        if (i >= count || strcmp(list[i], vocabulary_specials[i]) != 0)
            return fail(STATUS_FORMAT,
                        "vocabulary: symbol %zu is not %s; prepare the "
                        "dataset again",
                        i, vocabulary_specials[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (string_table_find(&self->symbols, list[i], strlen(list[i])) >= 0)
            return fail(STATUS_FORMAT,
                        "vocabulary: symbol %zu, \"%s\", stands there twice; "
                        "prepare the dataset again",
                        i, list[i]);
        TRY(add_text(&self->symbols, list[i]));
        if (self->kind == VOCABULARY_CHARACTERS && (int)i >= self->specials &&
            is_longer(list[i]))
            self->own_end = (int)i + 1;
    }
    return STATUS_OK;
}

/* Give one of the model's symbols (-1: it has none) our next number. */
static status add_piece(vocabulary *self, int piece, const char *text)
{
    size_t id = self->symbols.count;

    self->to_piece[id] = piece;
    if (piece >= 0)
        self->from_piece[piece] = (int32_t)id;
    return add_text(&self->symbols, text);
}

/* A user may have defined one; text that spells it does not mean it. */
static int find_mask(const piece_model *model)
{
    for (int i = 0; i < piece_model_size(model); i++)
        if (strcmp(piece_model_symbol(model, i), vocabulary_specials[TOKEN_MASK]) == 0)
            return i;
    return -1;
}

/* Renumber: the model's unk, bos and eos become 0, 1 and 2, whatever and
 * wherever they were, and its mask, where there is to be one, 3. */
static status fill_pieces(vocabulary *self)
{
    const piece_model *model = self->model;
    int size = piece_model_size(model);
    bool mask = self->specials > TOKEN_MASK;
    const int special[SPECIALS_MOST] = {piece_model_unknown(model), piece_model_begin(model),
                                        piece_model_end(model), mask ? find_mask(model) : -1};

    self->to_piece = memory_create((size_t)size + SPECIALS_MOST, sizeof(*self->to_piece));
    self->from_piece = memory_create((size_t)size, sizeof(*self->from_piece));
    if (self->to_piece == NULL || self->from_piece == NULL)
        return fail(STATUS_NOMEM, "no memory for a vocabulary of %d", size);
    for (int i = 0; i < self->specials; i++)
        TRY(add_piece(self, special[i], vocabulary_specials[i]));
    for (int i = 0; i < size; i++)
        if (i != special[0] && i != special[1] && i != special[2] && i != special[3])
            TRY(add_piece(self, i, piece_model_symbol(model, i)));
    return STATUS_OK;
}

static status fill_model(vocabulary *self, const void *bytes, size_t size)
{
    char message[PIECE_MESSAGE_MAX];
    piece_result result = piece_model_load(&self->model, bytes, size, message);

    if (result == PIECE_NO_MEMORY)
        return vocabulary_explain(result, "vocabulary", message);
    if (result != PIECE_OK)
        return fail(STATUS_INPUT, "not a SentencePiece model");
    TRY(buffer_add(&self->model_bytes, bytes, size));
    return fill_pieces(self);
}

status vocabulary_load(vocabulary **out, vocabulary_kind kind, const char *const *list,
                       size_t count, const void *model, size_t model_size, bool mask)
{
    vocabulary *made = memory_create(1, sizeof(*made));
    status result;

    *out = NULL;
    if (made == NULL)
        return fail(STATUS_NOMEM, "no memory for a vocabulary");
    made->kind = kind;
    made->specials = vocabulary_special_count(mask);
    if (kind == VOCABULARY_SENTENCEPIECE)
        result = fill_model(made, model, model_size);
    else
        result = fill_symbols(made, list, count);
    if (result != STATUS_OK) {
        vocabulary_destroy(made);
        return result;
    }
    *out = made;
    return STATUS_OK;
}

status vocabulary_load_model(vocabulary **out, const char *path, bool mask)
{
    char *bytes;
    size_t size;

    *out = NULL;
    TRY(file_load(path, &bytes, &size));
    status result = vocabulary_load(out, VOCABULARY_SENTENCEPIECE, NULL, 0, bytes, size, mask);

    memory_destroy(bytes);
    return result == STATUS_OK ? result : fail_context(result, "%s", path);
}

void vocabulary_destroy(vocabulary *self)
{
    if (self == NULL)
        return;
    string_table_free(&self->symbols);
    piece_model_destroy(self->model);
    buffer_free(&self->model_bytes);
    memory_destroy(self->to_piece);
    memory_destroy(self->from_piece);
    memory_destroy(self);
}

int vocabulary_size(const vocabulary *self)
{
    return (int)self->symbols.count;
}

vocabulary_kind vocabulary_kind_of(const vocabulary *self)
{
    return self->kind;
}

bool vocabulary_has_mask(const vocabulary *self)
{
    return self->specials > TOKEN_MASK;
}

const char *vocabulary_symbol(const vocabulary *self, int id)
{
    CHECK(id >= 0 && id < vocabulary_size(self));
    return string_table_at(&self->symbols, (size_t)id);
}

const void *vocabulary_model(const vocabulary *self, size_t *size)
{
    *size = self->model_bytes.size;
    return self->model_bytes.data;
}

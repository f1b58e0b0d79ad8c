/* vocabulary_words.c - a line's numbers, and where its words begin. */
#include <stdbool.h>

#include "vocabulary_parts.h"

/* The symbols that came since the last call are a word's, or, without `begins`, none begins
 * one. */
static void mark(int32_t *marks, const sink *to, size_t first, bool begins)
{
    for (size_t i = first; i < to->count && i < to->room; i++)
        marks[i] = begins && i == first ? 0 : -1;
}

static void encode_words(const vocabulary *self, const part *line, const char *continuation,
                         int32_t *marks, sink *to)
{
    bool inside = false;
    part word;

    for (size_t at = 0; part_next_word(line->text, line->size, &at, &word);) {
        size_t first = to->count;

        sink_add_symbol(to, self, &word);
        mark(marks, to, first, !inside);
        inside = part_goes_on(&word, continuation);
    }
}

/* White space is a symbol too, of no word. */
static void encode_characters(const vocabulary *self, const part *line, int32_t *marks,
                              sink *to)
{
    size_t words = 0;
    part word, found;

    part_next_word(line->text, line->size, &words, &word);
    for (size_t at = 0; vocabulary_next_part(self, line->text, line->size, &at, &found);) {
        size_t first = to->count;
        bool begins = word.size > 0 && found.text == word.text;

        sink_add_symbol(to, self, &found);
        mark(marks, to, first, begins);
        if (begins)
            part_next_word(line->text, line->size, &words, &word);
    }
}

static status encode_pieces(const vocabulary *self, const part *line, int32_t *marks, sink *to)
{
    part word;

    for (size_t at = 0; part_next_word(line->text, line->size, &at, &word);) {
        size_t first = to->count;

        TRY(sink_add_pieces(to, self, &word));
        if (to->count == first) {
            if (first < to->room)
                to->ids[first] = TOKEN_UNK;
            to->count++;
        }
        mark(marks, to, first, true);
    }
    return STATUS_OK;
}

status vocabulary_encode_words(const vocabulary *self, const char *line, size_t size,
                               const char *continuation, int32_t *ids, int32_t *marks,
                               size_t room, size_t *count)
{
    const part whole = {.text = line, .size = size};
    sink to = {.ids = ids, .room = room};

    CHECK(self->kind != VOCABULARY_LINES);
    if (self->kind == VOCABULARY_SENTENCEPIECE)
        TRY(encode_pieces(self, &whole, marks, &to));
    else if (self->kind == VOCABULARY_CHARACTERS)
        encode_characters(self, &whole, marks, &to);
    else
        encode_words(self, &whole, continuation, marks, &to);
    *count = to.count;
    return STATUS_OK;
}

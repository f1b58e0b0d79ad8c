/* sides_copy.c - the numbers of words that are copied. */
#include "sides_copy.h"

#include <string.h>

static bool can_copy(const sides *self)
{
    if (sides_are_audio(self, SIDE_SOURCE) || self->task != TASK_GENERATE)
        return false;
    vocabulary_kind source = vocabulary_kind_of(self->vocabularies[SIDE_SOURCE]);
    vocabulary_kind target = vocabulary_kind_of(self->vocabularies[SIDE_TARGET]);

    return source == target && source != VOCABULARY_SENTENCEPIECE;
}

status sides_check_copies(const sides *self)
{
    return !self->copies || can_copy(self)
               ? STATUS_OK
               : fail(STATUS_FORMAT, "words cannot be copied from such a source to such a "
                                     "target");
}

/* ---- to numbers ---- */

/* The number in the source of a part that is no symbol: a word of the next pair's. */
static status number_word(const sides *self, const part *word, pair_set *to, int32_t *out)
{
    int32_t number = pair_set_find_word(to, to->pairs, word->text, word->size);

    if (number < 0) {
        /* Which is then the last one: count them. */
        TRY(pair_set_add_word(to, word->text, word->size));
        number = pair_set_find_word(to, to->pairs, word->text, word->size);
    }
    *out = sides_symbols(self, SIDE_SOURCE) + number;
    return STATUS_OK;
}

static status source_number(const sides *self, const part *word, pair_set *to, int32_t *out)
{
    *out = vocabulary_find(self->vocabularies[SIDE_SOURCE], word);
    return *out == TOKEN_UNK ? number_word(self, word, to, out) : STATUS_OK;
}

static int32_t target_number(const sides *self, const part *word, const pair_set *from)
{
    int32_t symbols = sides_symbols(self, SIDE_TARGET);
    int32_t found = vocabulary_find(self->vocabularies[SIDE_TARGET], word);

    if (found != TOKEN_UNK)
        return found;
    found = vocabulary_find(self->vocabularies[SIDE_SOURCE], word);
    if (found != TOKEN_UNK)
        return symbols + found;
    found = pair_set_find_word(from, from->pairs, word->text, word->size);
    return found < 0 ? TOKEN_UNK : symbols + sides_symbols(self, SIDE_SOURCE) + found;
}

static void begin_words(pair_set *to)
{
    CHECK(to->has_words || to->pairs == 0);
    to->has_words = true;
    pair_set_drop_words(to);
}

status sides_encode_copied(const sides *self, dataset_side side, const corpus_line *line,
                           size_t most, pair_set *to, size_t *length)
{
    const vocabulary *v = self->vocabularies[side];
    part word;
    size_t at = 0;
    void *room;

    TRY(pair_set_begin(to, side, most, &room));
    int32_t *ids = room;
    if (side == SIDE_SOURCE)
        begin_words(to);
    for (*length = 0; vocabulary_next_part(v, line->text, line->size, &at, &word); ++*length) {
        if (*length >= most)
            continue;
        if (side == SIDE_SOURCE)
            TRY(source_number(self, &word, to, &ids[*length]));
        else
            ids[*length] = target_number(self, &word, to);
    }
    if (*length <= most)
        pair_set_end(to, side, *length);
    return STATUS_OK;
}

status sides_keep_words(const sides *self, const corpus_line *source, pair_set *to)
{
    const vocabulary *v = self->vocabularies[SIDE_SOURCE];
    part word;
    size_t at = 0;
    int32_t unused;

    if (!self->copies)
        return STATUS_OK;
    begin_words(to);
    while (vocabulary_next_part(v, source->text, source->size, &at, &word))
        TRY(source_number(self, &word, to, &unused));
    return STATUS_OK;
}

void sides_copied(const sides *self, int32_t *out)
{
    const vocabulary *target = self->vocabularies[SIDE_TARGET];
    int symbols = sides_symbols(self, SIDE_TARGET);

    for (int32_t s = 0; s < sides_symbols(self, SIDE_SOURCE); s++) {
        const char *text = vocabulary_symbol(self->vocabularies[SIDE_SOURCE], s);
        const part symbol = {.text = text, .size = strlen(text)};
        int32_t found = s < TOKEN_SPECIALS ? s : vocabulary_find(target, &symbol);
        out[s] = found == TOKEN_UNK && s != TOKEN_UNK ? symbols + s : found;
    }
}

/* ---- to text ---- */

/* Whose words a text is made of. */
typedef struct others {
    const sides *sides;
    const pair_set *from;
    int64_t pair;
} others;

/* A number of the source's, of a dataset that may be wrong. */
static const char *source_text(const others *o, int32_t id)
{
    int32_t symbols = sides_symbols(o->sides, SIDE_SOURCE);
    const vocabulary *v = o->sides->vocabularies[SIDE_SOURCE];

    if (id < symbols)
        return vocabulary_symbol(v, id);
    const char *word = pair_set_word(o->from, o->pair, id - symbols);
    return word != NULL ? word : vocabulary_symbol(v, TOKEN_UNK);
}

static const char *other_text(void *user, int32_t id)
{
    const others *o = user;

    return source_text(o, id - sides_symbols(o->sides, SIDE_TARGET));
}

const char *sides_text(const sides *self, dataset_side side, const pair_set *from, int64_t pair,
                       int32_t id)
{
    others o = {self, from, pair};

    if (side == SIDE_SOURCE)
        return source_text(&o, id);
    return id < sides_symbols(self, SIDE_TARGET)
               ? vocabulary_symbol(self->vocabularies[SIDE_TARGET], id)
               : other_text(&o, id);
}

status sides_decode(const sides *self, const pair_set *from, int64_t pair, const int32_t *ids,
                    size_t count, const char *continuation, buffer *out)
{
    others o = {self, from, pair};
    const vocabulary_others other = {other_text, &o};

    return vocabulary_decode_with(self->vocabularies[SIDE_TARGET], &other, ids, count,
                                  continuation, out);
}

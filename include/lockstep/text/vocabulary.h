/* vocabulary.h - text to token numbers and back.
 *
 * Numbers 0..2 are <unk>, <begin>, <end>, and 3 is <mask> where a decoder uses it
 * (base/token.h). Kinds: characters (Unicode code
 * points, spaces too), words (between white space), sentencepiece, lines (a whole line
 * without white space at its ends: a label). A symbol of more than one character among
 * characters is a user's own. All text is UTF-8 that was checked (base/utf8.h). Text that
 * spells a special is unknown.
 */
#ifndef LOCKSTEP_TEXT_VOCABULARY_H
#define LOCKSTEP_TEXT_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buffer.h"
#include "lockstep/base/status.h"
#include "lockstep/base/token.h"
#include "lockstep/text/part.h"

typedef enum vocabulary_kind {
    VOCABULARY_CHARACTERS,
    VOCABULARY_WORDS,
    VOCABULARY_SENTENCEPIECE,
    VOCABULARY_LINES
} vocabulary_kind;

typedef struct vocabulary vocabulary;

/* How a vocabulary is made from text. */
typedef struct vocabulary_settings {
    vocabulary_kind kind;
    int size;          /* at most this many symbols, specials included; 0: all.
                          For sentencepiece the size, at least 32 */
    int minimum_count; /* rarer symbols become <unk>; 1 keeps all */
    int unigram;       /* sentencepiece: unigram model (else BPE) */
    bool mask;         /* <mask> is a special too */
    /* Symbols of a user's own, with a space between: they come first, and are kept whole; of
       characters and sentencepiece wherever they stand. Borrowed; NULL: none. */
    const char *symbols;
    size_t
        sample; /* sentencepiece: bytes of text to learn from at most; 0: VOCABULARY_SAMPLE */
} vocabulary_settings;

enum { VOCABULARY_SAMPLE = 64 << 20 };

/* Counts symbols line by line (sentencepiece: keeps the lines for its trainer, and where they
 * are more than the sample every second, every fourth ... of them all), then makes the
 * vocabulary: by falling count, equal counts by code point. Symbols over 1,024 bytes, and
 * lines over 4,192 for sentencepiece, are noise and left out. */
typedef struct vocabulary_builder vocabulary_builder;
MUST_CHECK status vocabulary_builder_create(vocabulary_builder **out,
                                            const vocabulary_settings *settings);
MUST_CHECK status vocabulary_builder_add(vocabulary_builder *builder, const char *line,
                                         size_t size);
/* Does it keep lines, which must then come in order, or counts that may be saved and merged? */
bool vocabulary_builder_keeps_lines(const vocabulary_builder *builder);
/* Append what was counted, and add what another builder of the same settings has saved. */
MUST_CHECK status vocabulary_builder_save(const vocabulary_builder *builder, buffer *out);
MUST_CHECK status vocabulary_builder_merge(vocabulary_builder *builder, const char *saved,
                                           size_t size);
/* The result depends on the lines alone, not on the machine or threads.
 * STATUS_CONFIG when sentencepiece cannot reach the size: the message names the
 * largest or smallest possible one. */
MUST_CHECK status vocabulary_build(vocabulary **out, vocabulary_builder *builder);
void vocabulary_builder_destroy(vocabulary_builder *builder);

/* From what a file holds: all symbols in order of their numbers, or a SentencePiece model's
 * bytes (then symbols may be NULL), and whether <mask> is a special. Copies. */
MUST_CHECK status vocabulary_load(vocabulary **out, vocabulary_kind kind,
                                  const char *const *symbols, size_t count, const void *model,
                                  size_t model_size, bool mask);
/* From a user's `.model` file: its unk, bos and eos are renumbered to 0, 1, 2
 * (all models are, so that the same bytes always give the same numbers), its piece <mask>, or
 * a symbol that it does not have, to 3 with `mask`. */
MUST_CHECK status vocabulary_load_model(vocabulary **out, const char *path, bool mask);
void vocabulary_destroy(vocabulary *vocabulary);

int vocabulary_size(const vocabulary *vocabulary);
vocabulary_kind vocabulary_kind_of(const vocabulary *vocabulary);
bool vocabulary_has_mask(const vocabulary *vocabulary);              /* <mask> is a special */
const char *vocabulary_symbol(const vocabulary *vocabulary, int id); /* borrowed */
/* The SentencePiece model's bytes; NULL and 0 for other kinds. Borrowed. */
const void *vocabulary_model(const vocabulary *vocabulary, size_t *size);

/* Write the numbers of a line to ids[0..room); `*count` gets how many the line
 * has, which may exceed room (then only room were written). No specials are
 * added. May be called from several threads at once. */
MUST_CHECK status vocabulary_encode(const vocabulary *vocabulary, const char *line, size_t size,
                                    int32_t *ids, size_t room, size_t *count);

/* The same word by word, between white space: marks[i] becomes 0 where a word's first symbol
 * stands and -1 elsewhere. A word of a vocabulary of words goes on in the next where
 * `continuation` ends it ("@@"; empty: nowhere). For sentencepiece each word is a line of its
 * own; one that has no pieces is <unk>. Not for lines. */
MUST_CHECK status vocabulary_encode_words(const vocabulary *vocabulary, const char *line,
                                          size_t size, const char *continuation, int32_t *ids,
                                          int32_t *marks, size_t room, size_t *count);

/* Go through the parts of a line as encoding does: from `*at` 0 on, false after the last. Not
 * of sentencepiece, whose parts depend on each other. */
bool vocabulary_next_part(const vocabulary *vocabulary, const char *line, size_t size,
                          size_t *at, part *out);
/* The number that encoding gives to a part. */
int32_t vocabulary_find(const vocabulary *vocabulary, const part *symbol);

/* How many parts of a line spell a special and are therefore unknown: words and lines may;
 * characters are too short, and pieces never mean a special. */
size_t vocabulary_count_specials(const vocabulary *vocabulary, const char *line, size_t size);

/* Append the line of text of these numbers to `out`; <begin>, <end> and <mask> are left
 * out. Characters follow one another; words are joined by one space and, where
 * `continuation` is not empty ("@@"), as text_join does (text/join.h). */
MUST_CHECK status vocabulary_decode(const vocabulary *vocabulary, const int32_t *ids,
                                    size_t count, const char *continuation, buffer *out);

/* Texts of numbers from the vocabulary's size on, which are not its own. */
typedef struct vocabulary_others {
    const char *(*text)(void *user, int32_t id); /* ended by a 0 byte */
    void *user;
} vocabulary_others;

/* The same where there may be such numbers; of characters and words. */
MUST_CHECK status vocabulary_decode_with(const vocabulary *vocabulary,
                                         const vocabulary_others *others, const int32_t *ids,
                                         size_t count, const char *continuation, buffer *out);

#endif

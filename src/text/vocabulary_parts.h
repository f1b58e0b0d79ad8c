/* vocabulary_parts.h - what the files of a vocabulary share. */
#ifndef LOCKSTEP_SRC_TEXT_VOCABULARY_PARTS_H
#define LOCKSTEP_SRC_TEXT_VOCABULARY_PARTS_H

#include "lockstep/base/string_table.h"
#include "lockstep/text/vocabulary.h"
#include "part.h"
#include "sentencepiece.h"

/* Our numbers and the model's are two numberings of the same symbols: ours
 * begin with the specials, the others follow in the model's order. */
struct vocabulary {
    vocabulary_kind kind;
    int specials; /* the first symbols; with <mask> one more than TOKEN_SPECIALS */
    string_table symbols;
    int own_end;        /* of characters: behind the last symbol of several; 0: there is none */
    piece_model *model; /* NULL but for sentencepiece, like all that follows */
    buffer model_bytes;
    int32_t *to_piece;   /* [size] the model's number, -1: it has none */
    int32_t *from_piece; /* [piece_model_size] ours */
};

enum { SPECIALS_MOST = TOKEN_MASK + 1 };
extern const char *const vocabulary_specials[SPECIALS_MOST];

/* Go through the characters of a line, symbols [first, end) of the table whole, the longest
 * first; as part_next_character. */
bool vocabulary_next_own(const string_table *symbols, int first, int end, const char *line,
                         size_t size, size_t *at, part *out);

/* How many of them there are. */
static inline int vocabulary_special_count(bool mask)
{
    return mask ? SPECIALS_MOST : TOKEN_SPECIALS;
}

/* What the library could not do, as a status: `what` begins the message. */
MUST_CHECK status vocabulary_explain(piece_result result, const char *what,
                                     const char *message);

/* A piece_take whose `user` is a buffer. */
int vocabulary_take(void *user, const void *bytes, size_t size);

#endif

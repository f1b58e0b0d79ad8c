/* vocabulary_parts.h - what the files of a vocabulary share. */
#ifndef LOCKSTEP_SRC_TEXT_VOCABULARY_PARTS_H
#define LOCKSTEP_SRC_TEXT_VOCABULARY_PARTS_H

#include "cutter.h"
#include "lockstep/base/string_table.h"
#include "lockstep/text/part.h"
#include "lockstep/text/vocabulary.h"
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

/* How many of them there are. */
static inline int vocabulary_special_count(bool mask)
{
    return mask ? SPECIALS_MOST : TOKEN_SPECIALS;
}

/* Where numbers go; counts on when the room is full. */
typedef struct sink {
    int32_t *ids;
    size_t room, count;
} sink;

/* One symbol of a vocabulary that is not sentencepiece. */
void sink_add_symbol(sink *to, const vocabulary *vocabulary, const part *symbol);
/* All of a sentencepiece vocabulary's for a text. */
MUST_CHECK status sink_add_pieces(sink *to, const vocabulary *vocabulary, const part *text);

/* What the library could not do, as a status: `what` begins the message. */
MUST_CHECK status vocabulary_explain(piece_result result, const char *what,
                                     const char *message);

/* A piece_take whose `user` is a buffer. */
int vocabulary_take(void *user, const void *bytes, size_t size);

#endif

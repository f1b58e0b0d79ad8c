/* sentencepiece.h - the door to the SentencePiece library, in C.
 *
 * The library's own numbers and messages: vocabulary.h renumbers and explains.
 * No C++ exception leaves these functions, and the library prints nothing.
 * T. Kudo, J. Richardson: SentencePiece, EMNLP 2018.
 */
#ifndef LOCKSTEP_SRC_TEXT_SENTENCEPIECE_H
#define LOCKSTEP_SRC_TEXT_SENTENCEPIECE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PIECE_MESSAGE_MAX = 512,
    PIECE_LINE_MAX = 4192 /* bytes; the trainer passes over longer lines */
};

typedef enum piece_result { PIECE_OK, PIECE_NO_MEMORY, PIECE_FAILED } piece_result;

/* Receives bytes that live during the call; not 0: it had no memory. */
typedef int (*piece_take)(void *user, const void *bytes, size_t size);

typedef struct piece_training {
    int size;           /* symbols, specials included */
    int unigram;        /* else byte-pair encoding */
    int all_characters; /* else the rarest, 0.05% of the text, become unk */
    const char *own;    /* symbols that are kept whole: in quotes, commas between them */
    const char *lines;  /* each ended by a newline */
    size_t lines_size;  /* bytes */
} piece_training;

/* Train on one thread, unk 0, bos 1, eos 2, no padding; `take` receives the
 * model once. The model depends on the lines and settings alone. */
piece_result piece_model_train(const piece_training *training, piece_take take, void *user,
                               char message[PIECE_MESSAGE_MAX]);

typedef struct piece_model piece_model;

/* `*out` is owned: piece_model_destroy. */
piece_result piece_model_load(piece_model **out, const void *bytes, size_t size,
                              char message[PIECE_MESSAGE_MAX]);
void piece_model_destroy(piece_model *model);

int piece_model_size(const piece_model *model);
/* -1 where a model has none. */
int piece_model_unknown(const piece_model *model);
int piece_model_begin(const piece_model *model);
int piece_model_end(const piece_model *model);
/* Borrowed; 0 <= id < size. */
const char *piece_model_symbol(const piece_model *model, int id);

/* The first `room` numbers of a line; `*count` gets how many it has. Any number
 * of threads at once. */
piece_result piece_model_encode(const piece_model *model, const char *line, size_t size,
                                int32_t *ids, size_t room, size_t *count,
                                char message[PIECE_MESSAGE_MAX]);
piece_result piece_model_decode(const piece_model *model, const int32_t *ids, size_t count,
                                piece_take take, void *user, char message[PIECE_MESSAGE_MAX]);

#ifdef __cplusplus
}
#endif

#endif

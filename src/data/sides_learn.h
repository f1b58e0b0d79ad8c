/* sides_learn.h - the vocabularies of two sides in the making, which several processes may
 * count for. */
#ifndef LOCKSTEP_SRC_DATA_SIDES_LEARN_H
#define LOCKSTEP_SRC_DATA_SIDES_LEARN_H

#include "lockstep/data/sides.h"

/* Start from {0}. Owned: sides_learning_end. */
typedef struct sides_learning {
    vocabulary_builder *of[SIDES]; /* NULL: not learnt; one object when joint */
} sides_learning;

/* As the configuration says; STATUS_CONFIG names the key. */
MUST_CHECK status sides_learning_begin(sides_learning *out, const config *config);
void sides_learning_end(sides_learning *learning);

/* A pair of the training text: its symbols are counted, and lines that SentencePiece learns
 * from are appended to `kept`. */
MUST_CHECK status sides_learning_add(sides_learning *learning, const corpus_line lines[SIDES],
                                     buffer *kept);
/* Take what others have kept, in the order of the text. */
MUST_CHECK status sides_learning_keep(sides_learning *learning, const char *kept, size_t size);

/* Append what was counted; add what others have saved. */
MUST_CHECK status sides_learning_save(const sides_learning *learning, buffer *out);
MUST_CHECK status sides_learning_merge(sides_learning *learning, const char *saved,
                                       size_t size);

/* What encoding needs to know of the task, into sides that start from {0}. */
MUST_CHECK status sides_begin(sides *out, const config *config);

#endif

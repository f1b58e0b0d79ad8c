/* vocabularies.h - the two vocabularies of a run: learnt, saved and loaded together.
 *
 * In a file: /vocabulary/<side>/symbols (strings in the order of their numbers) and
 * model (a SentencePiece model's bytes, where there is one) for side source and, when
 * not joint, target; attributes joint, source_vocabulary, target_vocabulary.
 */
#ifndef LOCKSTEP_DATA_VOCABULARIES_H
#define LOCKSTEP_DATA_VOCABULARIES_H

#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/store/store.h"
#include "lockstep/text/vocabulary.h"

/* Start from {0}. Owned: vocabularies_free. */
typedef struct vocabularies {
    vocabulary *source, *target; /* one object when joint */
} vocabularies;

/* As the configuration says: from the training text, or users' models.
 * STATUS_CONFIG names the key that asks for the impossible. */
MUST_CHECK status vocabularies_create(vocabularies *out, const config *config);
void vocabularies_free(vocabularies *vocabularies);

MUST_CHECK status vocabularies_save(const vocabularies *vocabularies, store_writer *writer);
MUST_CHECK status vocabularies_load(vocabularies *out, store_reader *reader);

#endif

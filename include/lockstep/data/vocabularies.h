/* vocabularies.h - the two vocabularies of a run: learnt, saved and loaded together.
 *
 * In a file, a dataset or a checkpoint:
 *   attributes                    joint, source_vocabulary, target_vocabulary (kinds)
 *   /vocabulary/<side>/symbols    strings in the order of their numbers
 *   /vocabulary/<side>/model      bytes of a SentencePiece model, where there is one
 *                                 sides source and target, also when joint (older
 *                                 datasets then have source alone)
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

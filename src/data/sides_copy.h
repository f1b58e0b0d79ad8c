/* sides_copy.h - the numbers of words that are copied. */
#ifndef LOCKSTEP_SRC_DATA_SIDES_COPY_H
#define LOCKSTEP_SRC_DATA_SIDES_COPY_H

#include "lockstep/data/sides.h"

/* Are the vocabularies such that words can be copied? STATUS_FORMAT when a file's are not. */
MUST_CHECK status sides_check_copies(const sides *sides);

/* As sides_encode. */
MUST_CHECK status sides_encode_copied(const sides *sides, dataset_side side,
                                      const corpus_line *line, size_t most, pair_set *to,
                                      size_t *length);

#endif

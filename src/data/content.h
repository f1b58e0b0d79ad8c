/* content.h - what a run learns from, whatever files it was made of: one number for the
 * vocabularies and the encoded pairs of train and valid.
 *
 * It is formed of the checksums that stand in every dataset, so it costs nothing to ask. The
 * test set is not in it, nor how the lines of a text end.
 */
#ifndef LOCKSTEP_DATA_CONTENT_H
#define LOCKSTEP_DATA_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/store/store.h"

/* The checksum that a tensor would have which several files share; the last has no name. */
typedef struct content_whole {
    char name[64];
    uint64_t hash;
} content_whole;

/* Of a dataset that is there; of one that is written, once all of it was added. */
MUST_CHECK status content_load(store_reader *reader, uint64_t *out);
MUST_CHECK status content_added(const store_writer *writer, bool joint,
                                const content_whole *wholes, uint64_t *out);

#endif

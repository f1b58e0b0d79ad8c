/* dataset_part.h - whether a file is the part of a dataset that it is taken for. */
#ifndef LOCKSTEP_SRC_DATA_DATASET_PART_H
#define LOCKSTEP_SRC_DATA_DATASET_PART_H

#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/store/store.h"

/* Is it number `number` of so many files, from 0? STATUS_CONFIG names it where it is another,
 * and it is no error when it is no dataset: opening it says more. */
MUST_CHECK status dataset_part_check(const char *path, int number, int parts);

/* A path given by mistake must not cost anybody a file of another kind: STATUS_FORMAT or _INPUT
 * where there is something that is no dataset. */
MUST_CHECK status dataset_place_check(const char *path);

/* The content of the whole, as a part has it. */
MUST_CHECK status dataset_part_content(store_reader *reader, uint64_t *out);

/* STATUS_FORMAT where a part is not of the whole that the file `first` is of. */
MUST_CHECK status dataset_part_belongs(store_reader *reader, uint64_t content,
                                       const char *first);

#endif

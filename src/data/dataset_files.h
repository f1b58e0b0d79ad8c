/* dataset_files.h - the files of a dataset that is written, which appear together. */
#ifndef LOCKSTEP_SRC_DATA_DATASET_FILES_H
#define LOCKSTEP_SRC_DATA_DATASET_FILES_H

#include "content.h"
#include "lockstep/config/config.h"
#include "lockstep/data/side.h"

/* Of one file there are no wholes. Owned until dataset_files_save or _cancel. */
typedef struct dataset_files {
    int parts;
    store_writer **writers; /* [parts] the first has all but a share of the training pairs */
    content_whole wholes[2 * SIDES + 1]; /* of what they share: two tensors of each side */
} dataset_files;

/* May those that data.dataset names be written? STATUS_CONFIG for a file there that has another
 * place in a dataset; STATUS_FORMAT for one that is no dataset: neither is replaced. */
MUST_CHECK status dataset_files_check(const config *config);

/* Begin them. */
MUST_CHECK status dataset_files_create(dataset_files *out, const config *config,
                                       uint64_t fingerprint);

/* Say in each which part it is of what content, and let all appear, the first last. Frees,
 * also on failure, and then none has appeared, unless a rename failed. */
MUST_CHECK status dataset_files_save(dataset_files *files, bool joint);
void dataset_files_cancel(dataset_files *files);

/* Bytes of all of them. */
MUST_CHECK status dataset_files_size(const config *config, uint64_t *out);

#endif

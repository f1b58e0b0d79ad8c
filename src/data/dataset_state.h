/* dataset_state.h - what the files of a dataset's functions share. */
#ifndef LOCKSTEP_SRC_DATA_DATASET_STATE_H
#define LOCKSTEP_SRC_DATA_DATASET_STATE_H

#include <pthread.h>

#include "lockstep/data/dataset.h"
#include "lockstep/store/store.h"

/* One file: all of a dataset, or a part of its training pairs. */
typedef struct dataset_file {
    store_reader *reader;
    int64_t pairs[SPLITS], tokens[SPLITS][SIDES];
} dataset_file;

/* The context of a pair_source. */
typedef struct split_of {
    dataset *dataset;
    dataset_split split;
} split_of;

struct dataset {
    dataset_file *files;
    int parts;            /* files */
    pthread_mutex_t lock; /* of the readers: a thread reads ahead */
    sides sides;
    uint64_t fingerprint, content, former;
    int longest; /* positions of a side */
    split_of splits[SPLITS];
};

enum { DATASET_NAME = 64 };

/* "/train/source/offsets" */
void dataset_name(char out[DATASET_NAME], dataset_split split, dataset_side side,
                  const char *what);
/* What a side's elements are called. */
const char *dataset_elements(const dataset *self, dataset_side side);

#endif

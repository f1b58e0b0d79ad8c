/* split.h - one split of a dataset: read, encoded and written. */
#ifndef LOCKSTEP_DATA_SPLIT_H
#define LOCKSTEP_DATA_SPLIT_H

#include <stdbool.h>

#include "dataset_files.h"
#include "lockstep/base/status.h"
#include "lockstep/config/config.h"
#include "lockstep/data/dataset.h"
#include "lockstep/data/text_crew.h"

typedef struct split_job {
    dataset_split split;
    const config_files *files;
    const sides *sides;
    int max_length; /* tokens; a pair with a longer side is dropped */
    bool skip_bad;  /* audio files that cannot be read are left out, and named in the log */
    const audio_crew *audio; /* reads them; NULL: this process alone */
    const text_crew *crew;   /* encodes text, with `sides` */
    const char *path;        /* of the dataset: room for the spills is beside it */
} split_job;

/* Encode the files and add /<name>/<side>/{ids or frames,offsets,text} in bounded memory: the
 * training pairs in runs of about the same size to all of the files, others to the first. The
 * log gets one line. STATUS_INPUT when no pair is left, and with the line of the corpus for an
 * audio file that cannot be read. */
MUST_CHECK status split_add(const split_job *job, dataset_files *files);

#endif

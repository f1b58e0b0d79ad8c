/* progress.h - where a run stands, as scalars of a store. */
#ifndef CHECKPOINT_PROGRESS_H
#define CHECKPOINT_PROGRESS_H

#include "lockstep/checkpoint/checkpoint.h"

MUST_CHECK status progress_save(const checkpoint_progress *progress, store_writer *writer);
/* `version`: of the checkpoint. */
MUST_CHECK status progress_load(checkpoint_progress *out, store_reader *reader,
                                int64_t version);

#endif

/* progress.h - where a run stands, as scalars of a store. */
#ifndef CHECKPOINT_PROGRESS_H
#define CHECKPOINT_PROGRESS_H

#include "lockstep/checkpoint/checkpoint.h"

MUST_CHECK status progress_save(const checkpoint_progress *progress, store_writer *writer);
/* `version`: of the checkpoint. */
MUST_CHECK status progress_load(checkpoint_progress *out, store_reader *reader,
                                int64_t version);

/* Of /progress/arithmetic, which is the origin's. */
static inline store_shape progress_arithmetic_shape(void)
{
    return (store_shape){.type = STORE_INT64, .dimensions = 1, .dims = {2}};
}

#endif

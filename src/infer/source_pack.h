/* source_pack.h - sources of a set as a model reads them. */
#ifndef LOCKSTEP_SRC_INFER_SOURCE_PACK_H
#define LOCKSTEP_SRC_INFER_SOURCE_PACK_H

#include "lockstep/config/config.h"
#include "lockstep/data/pair_set.h"
#include "lockstep/tensor/packed.h"

/* The sources of `pairs` [count], one after another in a single grain on `arena`: symbols, with
 * the specials of the configuration's task, or frames. */
packed source_pack(arena *arena, const config *c, const pair_set *from, const int64_t *pairs,
                   int count);

#endif

/* share.h - the part of every batch that a rank takes. */
#ifndef LOCKSTEP_INFER_SHARE_H
#define LOCKSTEP_INFER_SHARE_H

#include "lockstep/comm/world.h"
#include "lockstep/data/loader.h"

/* run.seed, batch.* and data.window of `c`, what its task says of the sides, and the grains of
 * this rank (tree_split); without shuffle, reading ahead. */
loader_settings share_settings(const config *c, const world *world);

#endif

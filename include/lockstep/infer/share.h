/* share.h - the part of every batch that a rank takes. */
#ifndef LOCKSTEP_INFER_SHARE_H
#define LOCKSTEP_INFER_SHARE_H

#include "lockstep/comm/world.h"
#include "lockstep/data/loader.h"

/* loader_settings_from(c) with the grains of this rank (tree_split). */
loader_settings share_settings(const config *c, const world *world);

#endif

/* share.c - the part of every batch that a rank takes. */
#include "lockstep/infer/share.h"

#include "lockstep/slab/tree.h"

loader_settings share_settings(const config *c, const world *world)
{
    loader_settings made = loader_settings_from(c);

    tree_split(made.grains, world_rank(world), world_size(world), &made.first_grain,
               &made.last_grain);
    return made;
}

/* share.c - the part of every batch that a rank takes. */
#include "lockstep/infer/share.h"

#include "lockstep/model/task.h"
#include "lockstep/slab/tree.h"

loader_settings share_settings(const config *c, const world *world)
{
    const task *task = task_of(c);
    loader_settings made = {
        .seed = (uint64_t)c->run.seed,
        .tokens = c->batch.tokens,
        .grains = c->batch.grains,
        .window = c->data.window,
        .ahead = true,
        .specials = {[SIDE_SOURCE] = {task->source_begin, task_source_end(c)},
                     [SIDE_TARGET] = {.end = task->truth_end}}};

    tree_split(made.grains, world_rank(world), world_size(world), &made.first_grain,
               &made.last_grain);
    return made;
}

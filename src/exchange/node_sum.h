/* node_sum.h - one slice's nodes from all ranks become its gradient. */
#ifndef LOCKSTEP_EXCHANGE_NODE_SUM_H
#define LOCKSTEP_EXCHANGE_NODE_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/status.h"
#include "lockstep/slab/tree.h"

/* Adds block by block, in scratch that stays in the cache. */
typedef struct node_sum {
    tree_run root;       /* how the nodes of all ranks are added; owned */
    bool half;           /* half nodes (slab/node.h) */
    float *scratch;      /* [root.slots + 1][PARAMETER_BLOCK] */
    const float **stack; /* [root.slots]: what each slot holds */
} node_sum;

/* For the nodes that `ranks` ranks hold of `grains` grains, half ones or not. */
MUST_CHECK status node_sum_init(node_sum *s, int grains, int ranks, bool half);
void node_sum_free(node_sum *s);

/* Set, or with `add` add to, out[count], whole blocks, the sum over the tree of
 * each use, the uses added in order, as floats. sources[use * root.last + node] is where
 * that node's `count` floats stand; out may be sources[0]. */
void node_sum_apply(node_sum *s, const float *const *sources, int uses, float *out,
                    size_t count, bool add);

#endif

/* node_sum.h - the nodes of several runs of grains become those of all of them. */
#ifndef LOCKSTEP_EXCHANGE_NODE_SUM_H
#define LOCKSTEP_EXCHANGE_NODE_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/status.h"
#include "lockstep/slab/tree.h"

/* Where a node's floats stand: as floats or, if it is a half node that has travelled, as
 * bfloat16 (slab/node.h). The other one is NULL. */
typedef struct node_at {
    float *floats;
    uint16_t *halves;
} node_at;

/* The node from its float `offset` on. */
node_at node_at_offset(node_at node, size_t offset);

/* Adds block by block, in scratch that stays in the cache. */
typedef struct node_sum {
    bool half;
    float *scratch;      /* [slots + 1][PARAMETER_BLOCK] */
    const float **stack; /* [slots]: what each slot holds */
} node_sum;

/* For lists that need at most so many slots. */
MUST_CHECK status node_sum_init(node_sum *s, int slots, bool half);
void node_sum_free(node_sum *s);

/* Add the leaves [join->last] as the list says, `count` floats of each, whole blocks. What is
 * left goes to out[join->nodes], each of which may be one of the leaves it is made of. */
void node_sum_join(node_sum *s, const tree_run *join, const node_at *leaves, const node_at *out,
                   size_t count);

/* The same where one node is left, the root: out[count] is set, or with `add` added to. */
void node_sum_root(node_sum *s, const tree_run *join, const node_at *leaves, float *out,
                   size_t count, bool add);

/* Set out[count], or with `add` add to it, the sum of the uses in their order, unrounded; it
 * may be uses[0]. */
void node_sum_uses(node_sum *s, const float *const *uses, int number, float *out, size_t count,
                   bool add);

#endif

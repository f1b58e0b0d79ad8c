/* node.h - the one addition by which two nodes of the tree (slab/tree.h) become their parent,
 * and what a node is rounded to.
 *
 * Gradients are added nowhere else: not within a rank's grains, not over ranks, not over the
 * uses of a tied tensor or the batches of a step.
 *
 * With half nodes every node, leaf or not, is a bfloat16 in a float (the upper 16 bits of its
 * 32): a leaf is rounded once it is complete, a parent is the float32 sum of its children,
 * rounded. Whether a node travelled or not, it is then the same. Rounding is to nearest, ties
 * to even; what is beyond the largest bfloat16 becomes infinite, a NaN stays one, subnormals
 * are kept, and a zero is +0, so that it is all the same whether a node that is 0 is added.
 */
#ifndef LOCKSTEP_SLAB_NODE_H
#define LOCKSTEP_SLAB_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* out[i] = left[i] + right[i] for `count` floats, with `half` rounded; out may be left or
 * right. Uses and batches, which are added after the root, are never rounded. */
void node_add(float *out, const float *left, const float *right, size_t count, bool half);

/* A leaf of half nodes: in place. */
void node_round(float *values, size_t count);

/* Half nodes for the wire, and back: exact, NaN and infinities too. What was never rounded
 * loses its lower bits here. */
void node_pack(uint16_t *out, const float *in, size_t count);
void node_unpack(float *out, const uint16_t *in, size_t count);

#endif

/* node.h - the one addition by which two nodes of the tree (slab/tree.h) become their parent.
 *
 * Gradients are added nowhere else: not within a rank's grains, not over ranks, not over the
 * uses of a tied tensor or the batches of a step. What a node is rounded to is decided here.
 */
#ifndef LOCKSTEP_SLAB_NODE_H
#define LOCKSTEP_SLAB_NODE_H

#include <stddef.h>

/* out[i] = left[i] + right[i] for `count` floats; out may be left or right. */
void node_add(float *out, const float *left, const float *right, size_t count);

#endif

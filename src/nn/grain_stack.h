/* grain_stack.h - the stack on which a block of a gradient is summed over the rank's grains
 * (slab/tree.h). Its first slots are the gradient's own nodes, the others scratch. */
#ifndef LOCKSTEP_NN_GRAIN_STACK_H
#define LOCKSTEP_NN_GRAIN_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/slab/parameters.h"
#include "lockstep/slab/tree.h"
#include "lockstep/tensor/matrix.h"

typedef struct grain_stack {
    matrix node; /* the block in node 0 of the gradient */
    size_t node_stride;
    int nodes;
    bool half;      /* nodes are rounded (slab/node.h) */
    float *scratch; /* [slots - nodes][rows * cols] */
} grain_stack;

/* Floats of scratch for a block of `size` floats. */
size_t grain_stack_scratch(const tree_run *tree, size_t size);

/* `node` is a block in node 0 of `g`, or of rows of it. */
grain_stack grain_stack_view(const tree_run *tree, matrix node, gradient g, float *scratch);

/* Where grain number `grain` of the rank is to be put. */
matrix grain_stack_leaf(const grain_stack *s, const tree_run *tree, int grain);

/* The grain's leaf is complete: round it if need be, and add what is due. After the last
 * grain the gradient's nodes are set. */
void grain_stack_merge(const grain_stack *s, const tree_run *tree, int grain);

void grain_stack_clear(matrix leaf); /* an empty grain's value: zeros */

#endif

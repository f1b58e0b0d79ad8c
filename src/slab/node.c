/* node.c - the one addition of two nodes of the tree. */
#include "lockstep/slab/node.h"

void node_add(float *out, const float *left, const float *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = left[i] + right[i];
}

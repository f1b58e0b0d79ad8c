/* node_sum.c - one slice's nodes from all ranks become its gradient. */
#include "node_sum.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/slab/node.h"
#include "lockstep/slab/parameters.h"

enum { BLOCK = PARAMETER_BLOCK };

status node_sum_init(node_sum *s, int grains, int ranks, bool half)
{
    *s = (node_sum){.half = half};
    TRY(tree_root_init(&s->root, grains, ranks));
    size_t slots = (size_t)s->root.slots;
    s->scratch = memory_create((slots + 1) * BLOCK, sizeof(float));
    s->stack = memory_create(slots, sizeof(*s->stack));
    if (s->scratch == NULL || s->stack == NULL)
        return fail(STATUS_NOMEM, "scratch to add gradients");
    return STATUS_OK;
}

void node_sum_free(node_sum *s)
{
    tree_run_free(&s->root);
    memory_destroy(s->scratch);
    memory_destroy(s->stack);
    *s = (node_sum){0};
}

/* The sum over the tree of the block at `offset` of every node; in scratch, or a
 * source itself where there is one node. */
static const float *add_nodes(node_sum *s, const float *const *nodes, size_t offset)
{
    for (int node = 0; node < s->root.last; node++) {
        int top = s->root.step[node].slot;

        s->stack[top] = nodes[node] + offset;
        for (int m = 0; m < s->root.step[node].merges; m++, top--) {
            float *sum = s->scratch + (size_t)(top - 1) * BLOCK;

            node_add(sum, s->stack[top - 1], s->stack[top], BLOCK, s->half);
            s->stack[top - 1] = sum;
        }
    }
    return s->stack[0];
}

static const float *add_uses(node_sum *s, const float *const *sources, int uses, size_t offset)
{
    float *total = s->scratch + (size_t)s->root.slots * BLOCK;
    const float *first = add_nodes(s, sources, offset);

    if (uses == 1)
        return first;
    memcpy(total, first, BLOCK * sizeof(float));
    for (int use = 1; use < uses; use++)
        node_add(total, total, add_nodes(s, sources + use * s->root.last, offset), BLOCK,
                 false);
    return total;
}

void node_sum_apply(node_sum *s, const float *const *sources, int uses, float *out,
                    size_t count, bool add)
{
    for (size_t offset = 0; offset < count; offset += BLOCK) {
        const float *total = add_uses(s, sources, uses, offset);

        if (add)
            node_add(out + offset, out + offset, total, BLOCK, false);
        else if (total != out + offset)
            memcpy(out + offset, total, BLOCK * sizeof(float));
    }
}

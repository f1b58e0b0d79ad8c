/* node_sum.c - the nodes of several runs of grains become those of all of them. */
#include "node_sum.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/slab/node.h"
#include "lockstep/slab/parameters.h"

enum { BLOCK = PARAMETER_BLOCK };

node_at node_at_offset(node_at node, size_t offset)
{
    if (node.halves != NULL)
        return (node_at){.halves = node.halves + offset};
    return (node_at){.floats = node.floats + offset};
}

status node_sum_init(node_sum *s, int slots, bool half)
{
    *s = (node_sum){.half = half};
    s->scratch = memory_create(((size_t)slots + 1) * BLOCK, sizeof(float));
    s->stack = memory_create((size_t)slots + 1, sizeof(*s->stack));
    if (s->scratch == NULL || s->stack == NULL)
        return fail(STATUS_NOMEM, "scratch to add gradients");
    return STATUS_OK;
}

void node_sum_free(node_sum *s)
{
    memory_destroy(s->scratch);
    memory_destroy(s->stack);
    *s = (node_sum){0};
}

/* The block at `offset` as floats: where it stands, or in the slot's scratch. */
static const float *load(node_sum *s, node_at node, size_t offset, int slot)
{
    float *scratch = s->scratch + (size_t)slot * BLOCK;

    if (node.halves == NULL)
        return node.floats + offset;
    node_unpack(scratch, node.halves + offset, BLOCK);
    return scratch;
}

/* What is left of the blocks at `offset` comes to stand in s->stack. */
static void add_blocks(node_sum *s, const tree_run *join, const node_at *leaves, size_t offset)
{
    for (int leaf = 0; leaf < join->last; leaf++) {
        int top = join->step[leaf].slot;

        s->stack[top] = load(s, leaves[leaf], offset, top);
        for (int m = 0; m < join->step[leaf].merges; m++, top--) {
            float *sum = s->scratch + (size_t)(top - 1) * BLOCK;

            node_add(sum, s->stack[top - 1], s->stack[top], BLOCK, s->half);
            s->stack[top - 1] = sum;
        }
    }
}

void node_sum_join(node_sum *s, const tree_run *join, const node_at *leaves, const node_at *out,
                   size_t count)
{
    for (size_t offset = 0; offset < count; offset += BLOCK) {
        add_blocks(s, join, leaves, offset);
        for (int node = 0; node < join->nodes; node++) {
            const float *sum = s->stack[node];

            if (out[node].halves != NULL)
                node_pack(out[node].halves + offset, sum, BLOCK);
            else if (sum != out[node].floats + offset)
                memcpy(out[node].floats + offset, sum, BLOCK * sizeof(float));
        }
    }
}

static void put(float *out, const float *sum, bool add)
{
    if (add)
        node_add(out, out, sum, BLOCK, false);
    else if (sum != out)
        memcpy(out, sum, BLOCK * sizeof(float));
}

void node_sum_root(node_sum *s, const tree_run *join, const node_at *leaves, float *out,
                   size_t count, bool add)
{
    for (size_t offset = 0; offset < count; offset += BLOCK) {
        add_blocks(s, join, leaves, offset);
        put(out + offset, s->stack[0], add);
    }
}

void node_sum_uses(node_sum *s, const float *const *uses, int number, float *out, size_t count,
                   bool add)
{
    for (size_t offset = 0; offset < count; offset += BLOCK) {
        const float *sum = uses[0] + offset;

        for (int use = 1; use < number; use++) {
            node_add(s->scratch, sum, uses[use] + offset, BLOCK, false);
            sum = s->scratch;
        }
        put(out + offset, sum, add);
    }
}

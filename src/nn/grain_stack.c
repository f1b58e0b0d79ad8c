/* grain_stack.c - the stack on which a block of a gradient is summed over the grains. */
#include "grain_stack.h"

#include <string.h>

#include "lockstep/slab/node.h"

size_t grain_stack_scratch(const tree_run *tree, size_t size)
{
    return tree->slots > tree->nodes ? (size_t)(tree->slots - tree->nodes) * size : 0;
}

grain_stack grain_stack_view(const tree_run *tree, matrix node, gradient g, float *scratch)
{
    return (grain_stack){node, g.node_stride, tree->nodes, g.half, scratch};
}

static matrix slot(const grain_stack *s, int index)
{
    matrix m = s->node;

    if (index < s->nodes) {
        m.data += (size_t)index * s->node_stride;
        return m;
    }
    size_t size = (size_t)m.rows * (size_t)m.cols;
    return matrix_view(s->scratch + (size_t)(index - s->nodes) * size, m.rows, m.cols);
}

static void add_matrix(matrix x, matrix y, bool half)
{
    for (int r = 0; r < x.rows; r++)
        node_add(matrix_row(x, r), matrix_row(x, r), matrix_row(y, r), (size_t)x.cols, half);
}

static void round_matrix(matrix x)
{
    for (int r = 0; r < x.rows; r++)
        node_round(matrix_row(x, r), (size_t)x.cols);
}

matrix grain_stack_leaf(const grain_stack *s, const tree_run *tree, int grain)
{
    return slot(s, tree->step[grain].slot);
}

void grain_stack_merge(const grain_stack *s, const tree_run *tree, int grain)
{
    tree_step step = tree->step[grain];

    if (s->half)
        round_matrix(slot(s, step.slot));
    for (int m = 0; m < step.merges; m++)
        add_matrix(slot(s, step.slot - m - 1), slot(s, step.slot - m), s->half);
}

void grain_stack_clear(matrix leaf)
{
    for (int r = 0; r < leaf.rows; r++)
        memset(matrix_row(leaf, r), 0, (size_t)leaf.cols * sizeof(float));
}

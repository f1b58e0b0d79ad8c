/* tree.c - the one binary tree in which a sum over the global batch is taken. */
#include "lockstep/slab/tree.h"

#include <stdbool.h>
#include <string.h>

#include "lockstep/base/memory.h"

enum { LEVELS = 32 }; /* an int counts no more grains than 2^31 */

typedef struct node {
    int level, number;
} node;

/* The partial sums that wait for their right siblings. A node waits on every
 * level at most once, and one more is being pushed. */
typedef struct stack {
    node nodes[LEVELS + 1];
    int depth, deepest;
} stack;

/* A left child without a right sibling has its parent's value: call it by the
 * highest name that fits, so that siblings know each other. */
static node promote(node n, int total)
{
    while (n.level < LEVELS - 1 && n.number % 2 == 0 && n.number > 0 &&
           (((long long)n.number + 1) << n.level) >= total) {
        n.number /= 2;
        n.level++;
    }
    return n;
}

static bool are_siblings(node left, node right)
{
    return left.level == right.level && right.number % 2 == 1 &&
           left.number == right.number - 1;
}

static tree_step push(stack *s, node n, int total)
{
    tree_step step = {.slot = s->depth};

    s->nodes[s->depth++] = promote(n, total);
    if (s->depth > s->deepest)
        s->deepest = s->depth;
    while (s->depth > 1 && are_siblings(s->nodes[s->depth - 2], s->nodes[s->depth - 1])) {
        node parent = {s->nodes[s->depth - 1].level + 1, s->nodes[s->depth - 1].number / 2};

        s->depth--;
        s->nodes[s->depth - 1] = promote(parent, total);
        step.merges++;
    }
    return step;
}

status tree_run_init(tree_run *run, int first, int last, int total)
{
    stack s = {.depth = 0};

    CHECK(0 <= first && first <= last && last <= total);
    *run = (tree_run){.first = first, .last = last, .total = total};
    run->step = memory_create((size_t)(last - first), sizeof(*run->step));
    if (run->step == NULL)
        return fail(STATUS_NOMEM, "summation tree of %d grains", last - first);
    for (int k = first; k < last; k++)
        run->step[k - first] = push(&s, (node){0, k}, total);
    run->nodes = s.depth;
    run->slots = s.deepest;
    return STATUS_OK;
}

void tree_run_free(tree_run *run)
{
    memory_destroy(run->step);
    *run = (tree_run){0};
}

void tree_split(int total, int rank, int ranks, int *first, int *last)
{
    CHECK(0 <= rank && rank < ranks);
    int shorter = total / ranks, longer = total % ranks;

    *first = rank * shorter + (rank < longer ? rank : longer);
    *last = *first + shorter + (rank < longer ? 1 : 0);
}

/* The nodes that a run is left with, in order. */
static void run_nodes(int total, int first, int last, stack *s)
{
    *s = (stack){.depth = 0};
    for (int k = first; k < last; k++)
        push(s, (node){0, k}, total);
}

int tree_nodes(int total, int first, int last)
{
    stack held;

    run_nodes(total, first, last, &held);
    return held.depth;
}

int tree_nodes_before(int total, int rank, int ranks)
{
    int count = 0;

    for (int before = 0; before < rank; before++) {
        int first, last;

        tree_split(total, before, ranks, &first, &last);
        count += tree_nodes(total, first, last);
    }
    return count;
}

status tree_join_init(tree_run *run, int total, const int *bounds, int parts)
{
    stack s = {.depth = 0};
    int leaf = 0;

    *run = (tree_run){0};
    for (int part = 0; part < parts; part++)
        run->last += tree_nodes(total, bounds[part], bounds[part + 1]);
    run->total = run->last;
    run->step = memory_create((size_t)run->last, sizeof(*run->step));
    if (run->step == NULL)
        return fail(STATUS_NOMEM, "summation tree of %d runs", parts);
    for (int part = 0; part < parts; part++) {
        stack held;

        run_nodes(total, bounds[part], bounds[part + 1], &held);
        for (int i = 0; i < held.depth; i++)
            run->step[leaf++] = push(&s, held.nodes[i], total);
    }
    run->nodes = s.depth;
    run->slots = s.deepest;
    return STATUS_OK;
}

status tree_root_init(tree_run *run, int total, int ranks)
{
    int *bounds = memory_create((size_t)ranks + 1, sizeof(*bounds)), first;

    CHECK(total > 0 && ranks > 0);
    *run = (tree_run){0};
    if (bounds == NULL)
        return fail(STATUS_NOMEM, "summation tree of %d ranks", ranks);
    for (int rank = 0; rank < ranks; rank++)
        tree_split(total, rank, ranks, &first, &bounds[rank + 1]);
    status made = tree_join_init(run, total, bounds, ranks);
    memory_destroy(bounds);
    CHECK(made != STATUS_OK || run->nodes == 1);
    return made;
}

static void add(double *to, const double *from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] += from[i];
}

void tree_sum(const tree_run *run, double *values, int count)
{
    size_t size = (size_t)count;

    for (int k = 0; k < run->last - run->first; k++) {
        int top = run->step[k].slot; /* never ahead of k */

        memmove(values + (size_t)top * size, values + (size_t)k * size, size * sizeof(*values));
        for (int m = 0; m < run->step[k].merges; m++, top--)
            add(values + (size_t)(top - 1) * size, values + (size_t)top * size, count);
    }
}

/* batch_sum.c - sums over the grains of the global batch, on all ranks. */
#include "lockstep/exchange/batch_sum.h"

#include <string.h>

#include "lockstep/base/memory.h"

struct batch_sum {
    world *world;
    tree_run run, root; /* of this rank's grains, of all ranks' nodes */
    int first_node;     /* this rank's first among all nodes */
    int most;
    double *nodes; /* [root.last][most] */
    batch_sums hook;
};

static void sum(void *user, double *values, int count, double *totals)
{
    batch_sum *b = user;
    size_t size = (size_t)count, all = (size_t)b->root.last * size;

    CHECK(count <= b->most);
    tree_sum(&b->run, values, count);
    memset(b->nodes, 0, all * sizeof(*b->nodes));
    memcpy(b->nodes + (size_t)b->first_node * size, values,
           (size_t)b->run.nodes * size * sizeof(*values));
    if (world_size(b->world) > 1)
        world_union(b->world, b->nodes, all);
    tree_sum(&b->root, b->nodes, count);
    memcpy(totals, b->nodes, size * sizeof(*totals));
}

static status open_trees(batch_sum *b, int grains)
{
    int rank = world_rank(b->world), ranks = world_size(b->world), first, last;

    b->first_node = tree_nodes_before(grains, rank, ranks);
    tree_split(grains, rank, ranks, &first, &last);
    TRY(tree_run_init(&b->run, first, last, grains));
    return tree_root_init(&b->root, grains, ranks);
}

static status open(batch_sum *b, int grains, int most)
{
    TRY(open_trees(b, grains));
    b->most = most;
    b->nodes = memory_create((size_t)b->root.last * (size_t)most, sizeof(*b->nodes));
    if (b->nodes == NULL)
        return fail(STATUS_NOMEM, "no memory for sums over %d grains", grains);
    b->hook = (batch_sums){sum, b};
    return STATUS_OK;
}

status batch_sum_create(batch_sum **out, world *world, int grains, int most)
{
    batch_sum *b = memory_create(1, sizeof(*b));

    *out = NULL;
    if (b == NULL)
        return fail(STATUS_NOMEM, "no memory for sums over %d grains", grains);
    b->world = world;
    status opened = open(b, grains, most);
    if (opened != STATUS_OK) {
        batch_sum_destroy(b);
        return opened;
    }
    *out = b;
    return STATUS_OK;
}

void batch_sum_destroy(batch_sum *b)
{
    if (b == NULL)
        return;
    tree_run_free(&b->run);
    tree_run_free(&b->root);
    memory_destroy(b->nodes);
    memory_destroy(b);
}

const batch_sums *batch_sum_hook(const batch_sum *b)
{
    return &b->hook;
}

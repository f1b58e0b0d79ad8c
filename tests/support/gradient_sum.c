/* gradient_sum.c - gradients summed in the tree as ranks would sum them. */
#include "gradient_sum.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/slab/node.h"

gradient_sum gradient_sum_create(int grains, int ranks, size_t floats)
{
    gradient_sum s = {.floats = floats};

    CHECK(tree_root_init(&s.root, grains, ranks) == STATUS_OK);
    s.values = memory_create((size_t)s.root.slots * floats, sizeof(float));
    CHECK(s.values != NULL);
    return s;
}

void gradient_sum_free(gradient_sum *s)
{
    memory_destroy(s->values);
    tree_run_free(&s->root);
    *s = (gradient_sum){0};
}

void gradient_sum_add(gradient_sum *s, const parameters *p, int nodes)
{
    for (int node = 0; node < nodes; node++) {
        CHECK(s->leaf < s->root.last);
        tree_step step = s->root.step[s->leaf++];
        float *top = s->values + (size_t)step.slot * s->floats;

        memcpy(top, p->gradients + (size_t)node * p->gradient_floats,
               s->floats * sizeof(float));
        for (int m = 0; m < step.merges; m++, top -= s->floats)
            node_add(top - s->floats, top - s->floats, top, s->floats, p->half);
    }
}

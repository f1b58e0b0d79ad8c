/* bfloat16_product.c - products of matrices in bfloat16, run by run. */
#include "bfloat16_block.h"

/* A run over no inner index at all sets c, or scales it. */
static void multiply_runs(const bfloat16_order *order, const product *p)
{
    int depth = p->a_turned ? p->a.floats.rows : factor_width(p->a), from = 0;

    do {
        int laid = p->b_laid.depth - from, left = laid > 0 ? laid : depth - from;
        int some = at_most(left, laid > 0 ? order->most_laid : order->most);
        bfloat16_run run = {.order = order,
                            .product = p,
                            .from = from,
                            .depth = some,
                            .filled = (some + order->group - 1) / order->group * order->group,
                            .start = from > 0 ? 1.0f : p->beta / p->alpha,
                            .scale = from + some == depth ? p->alpha : 1.0f};
        if (order->in_place && p->a.rounded && !p->a_turned)
            run.a_row = (size_t)p->a.floats.stride;
        order->run(&run);
        from += some;
    } while (from < depth);
}

void KERNEL(bfloat16_product)(const bfloat16_order *order, const product *p)
{
    uint64_t before = denormals_flush();

    if (order->begin != NULL)
        order->begin();
    multiply_runs(order, p);
    denormals_restore(before);
}

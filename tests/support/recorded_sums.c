/* recorded_sums.c - batch norm's door for ranks that run one after another. */
#include "recorded_sums.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static void record(recorded_sums *r, recorded_call *call, double *values, int count)
{
    size_t each = (size_t)count * sizeof(double);
    tree_run tree;

    memory_destroy(call->values);
    memory_destroy(call->totals);
    call->count = count;
    call->values = memory_create((size_t)r->grains, each);
    call->totals = memory_create(1, each);
    memcpy(call->values, values, (size_t)r->grains * each);
    ck_assert_int_eq(tree_run_init(&tree, 0, r->grains, r->grains), STATUS_OK);
    tree_sum(&tree, values, count);
    memcpy(call->totals, values, each);
    tree_run_free(&tree);
}

static void sum(void *user, double *values, int count, double *totals)
{
    recorded_sums *r = user;
    size_t each = (size_t)count * sizeof(double);

    ck_assert_int_lt(r->next, RECORDED_CALLS);
    recorded_call *call = &r->calls[r->next++];
    if (r->last - r->first == r->grains) {
        record(r, call, values, count);
    } else {
        const double *mine = call->values + (size_t)r->first * (size_t)count;
        ck_assert_int_eq(call->count, count);
        ck_assert_msg(memcmp(mine, values, (size_t)(r->last - r->first) * each) == 0,
                      "sums of grains %d to %d have other bits", r->first, r->last - 1);
    }
    memcpy(totals, call->totals, each);
}

void recorded_sums_init(recorded_sums *r, int grains)
{
    *r = (recorded_sums){.hook = {sum, r}, .grains = grains};
}

void recorded_sums_free(recorded_sums *r)
{
    for (int i = 0; i < RECORDED_CALLS; i++) {
        memory_destroy(r->calls[i].values);
        memory_destroy(r->calls[i].totals);
    }
}

const batch_sums *recorded_sums_begin(recorded_sums *r, int first, int last)
{
    r->first = first;
    r->last = last;
    r->next = 0;
    return &r->hook;
}

/* length_order.c - in which order sources are decoded. */
#include "length_order.h"

#include "lockstep/base/memory.h"

static size_t length_of(const pair_set *set, int64_t pair)
{
    size_t count;

    pair_set_get(set, SIDE_SOURCE, pair, &count);
    return count;
}

/* Where the first pair of each length stands: those of greater lengths come before. */
static void count_lengths(const pair_set *set, size_t longest, int64_t *first)
{
    int64_t before = 0;

    for (int64_t i = 0; i < set->pairs; i++)
        first[length_of(set, i)]++;
    for (size_t length = longest + 1; length-- > 0;) {
        int64_t count = first[length];
        first[length] = before;
        before += count;
    }
}

status length_order_create(int64_t **out, const pair_set *set)
{
    size_t longest = 0;

    for (int64_t i = 0; i < set->pairs; i++)
        longest = length_of(set, i) > longest ? length_of(set, i) : longest;
    int64_t *order = memory_create((size_t)set->pairs, sizeof(*order));
    int64_t *next = memory_create(longest + 1, sizeof(*next));
    if (order == NULL || next == NULL) {
        memory_destroy(order);
        memory_destroy(next);
        return fail(STATUS_NOMEM, "no memory for the order of %lld sources",
                    (long long)set->pairs);
    }
    count_lengths(set, longest, next);
    for (int64_t i = 0; i < set->pairs; i++)
        order[next[length_of(set, i)]++] = i;
    memory_destroy(next);
    *out = order;
    return STATUS_OK;
}

/* plan.c - how a run of pairs is cut into batches, and these into grains. */
#include "plan.h"

#include <limits.h>
#include <stdlib.h>

#include "lockstep/base/memory.h"

/* The pair behind the last one of the batch that begins with pair `first`. */
static int batch_end(const int32_t *costs, int first, int count, int tokens, int64_t *total)
{
    int end = first;

    for (*total = 0; end < count; end++) {
        if (end > first && *total + costs[end] > tokens)
            break;
        *total += costs[end];
    }
    return end;
}

static int count_batches(const int32_t *costs, int count, int tokens)
{
    int batches = 0;
    int64_t total;

    for (int at = 0; at < count; batches++)
        at = batch_end(costs, at, count, tokens, &total);
    return batches;
}

/* In units of 1/grains of a position all is exact: `sum * grains` runs from 0 to
 * `total * grains`, and the ideal boundary before grain g stands at g * total. */
static void cut_grains(int32_t *cuts, const int32_t *costs, int first, int end, int64_t total,
                       int grains)
{
    int64_t sum = 0;
    int at = first;

    cuts[0] = first;
    for (int g = 1; g < grains; g++) {
        int64_t ideal = g * total;
        while (at < end &&
               llabs((sum + costs[at]) * grains - ideal) < llabs(sum * grains - ideal))
            sum += costs[at++];
        cuts[g] = at;
    }
    cuts[grains] = end;
}

status plan_init(plan *out, const int32_t *costs, int count, int tokens, int grains)
{
    int64_t total;
    int end;

    CHECK(count >= 0 && tokens > 0 && grains > 0);
    *out = (plan){.batches = count_batches(costs, count, tokens), .grains = grains};
    size_t size = (size_t)out->batches * (size_t)grains + 1;
    out->cuts = memory_create(size, sizeof(*out->cuts));
    if (out->cuts == NULL)
        return fail(STATUS_NOMEM, "no memory for the plan of %d batches of %d grains",
                    out->batches, grains);
    for (int b = 0, at = 0; b < out->batches; b++, at = end) {
        end = batch_end(costs, at, count, tokens, &total);
        cut_grains(out->cuts + (size_t)b * (size_t)grains, costs, at, end, total, grains);
    }
    return STATUS_OK;
}

void plan_free(plan *old)
{
    memory_destroy(old->cuts);
    *old = (plan){0};
}

const int32_t *plan_batch(const plan *from, int b)
{
    CHECK(b >= 0 && b < from->batches);
    return from->cuts + (size_t)b * (size_t)from->grains;
}

/* test_batch_sum.c - the bits of sums over the batch's grains on any number of ranks. */
#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/exchange/batch_sum.h"
#include "mpi_check.h"

enum { COUNT = 13, MOST_GRAINS = 9 };

static const int grain_counts[] = {3, 4, 5, 6, 7, 8, 9};
enum { CASES = sizeof(grain_counts) / sizeof(*grain_counts) };

/* Numbers of many sizes, so that another order of additions gives other bits. */
static double leaf(int grain, int i)
{
    uint32_t h = (uint32_t)(grain * 131 + i) * 2654435761u;

    h = (h ^ (h >> 15)) * 2246822519u;
    h ^= h >> 13;
    return ldexp((double)h, (int)(h % 80) - 60);
}

/* The definition of the tree, word for word. */
static double node_value(int grains, int level, int number, int i)
{
    if (level == 0)
        return leaf(number, i);
    double left = node_value(grains, level - 1, 2 * number, i);
    if (((2 * number + 1) << (level - 1)) >= grains)
        return left;
    return left + node_value(grains, level - 1, 2 * number + 1, i);
}

static int wrong_totals(int grains, const double *totals)
{
    int wrong = 0;

    for (int i = 0; i < COUNT; i++) {
        double expected = node_value(grains, 4, 0, i);
        wrong += memcmp(&totals[i], &expected, sizeof(expected)) != 0;
    }
    return wrong;
}

START_TEST(totals_have_the_bits_of_the_tree)
{
    int grains = grain_counts[_i], first, last;
    double values[MOST_GRAINS * COUNT], totals[COUNT];
    batch_sum *b;

    ck_assert_all(batch_sum_create(&b, test_world, grains, COUNT + 5) == STATUS_OK);
    const batch_sums *hook = batch_sum_hook(b);
    tree_split(grains, world_rank(test_world), world_size(test_world), &first, &last);
    size_t before = memory_allocations();
    for (int again = 0; again < 2; again++) {
        for (int g = first; g < last; g++)
            for (int i = 0; i < COUNT; i++)
                values[(g - first) * COUNT + i] = leaf(g, i);
        hook->sum(hook->user, values, COUNT, totals);
        ck_assert_all(wrong_totals(grains, totals) == 0);
    }
    ck_assert_all(memory_allocations() == before);
    batch_sum_destroy(b);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/batch_sum");
    TCase *tests = tcase_create("batch_sum");

    tcase_add_loop_test(tests, totals_have_the_bits_of_the_tree, 0, CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

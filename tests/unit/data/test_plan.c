/* test_plan.c - batches and grains out of costs. */
#include "plan.h"

#include <stdlib.h>

#include "lockstep/base/memory.h"
#include "lockstep/base/random.h"
#include "unit_check.h"

static plan make(const int32_t *costs, int count, int tokens, int grains)
{
    plan out;

    ck_assert_int_eq(plan_init(&out, costs, count, tokens, grains), STATUS_OK);
    return out;
}

static void check_cuts(const plan *p, const int32_t *expected, int count)
{
    ck_assert_int_eq(p->batches * p->grains + 1, count);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(p->cuts[i], expected[i]);
}

START_TEST(fills_batches_up_to_the_tokens)
{
    const int32_t costs[] = {4, 4, 2, 5, 6, 1};
    plan p = make(costs, 6, 10, 1);

    check_cuts(&p, (int32_t[]){0, 3, 4, 6}, 4);
    plan_free(&p);
}
END_TEST

START_TEST(gives_a_large_pair_its_own_batch)
{
    const int32_t costs[] = {3, 40, 3, 3, 50};
    plan p = make(costs, 5, 10, 1);

    check_cuts(&p, (int32_t[]){0, 1, 2, 4, 5}, 5);
    plan_free(&p);
}
END_TEST

START_TEST(cuts_grains_at_the_nearest_boundary)
{
    /* running costs 0 3 6 9 14 18 20; ideal 5 10 15 */
    const int32_t costs[] = {3, 3, 3, 5, 4, 2};
    plan p = make(costs, 6, 100, 4);

    check_cuts(&p, (int32_t[]){0, 2, 3, 4, 6}, 5);
    plan_free(&p);
}
END_TEST

START_TEST(takes_the_earlier_of_two_as_near)
{
    const int32_t costs[] = {2, 2, 2}; /* ideal 3, boundaries 2 and 4 */
    plan p = make(costs, 3, 100, 2);

    check_cuts(&p, (int32_t[]){0, 1, 3}, 3);
    plan_free(&p);
}
END_TEST

START_TEST(leaves_grains_empty)
{
    const int32_t costs[] = {5, 5};
    plan p = make(costs, 2, 100, 8);

    /* ideal 1.25 2.5 3.75 5 6.25 7.5 8.75 */
    check_cuts(&p, (int32_t[]){0, 0, 0, 1, 1, 1, 1, 2, 2}, 9);
    plan_free(&p);
}
END_TEST

START_TEST(plans_nothing)
{
    plan p = make(NULL, 0, 10, 4);

    ck_assert_int_eq(p.batches, 0);
    plan_free(&p);
}
END_TEST

static int64_t sum(const int32_t *costs, int from, int to)
{
    int64_t total = 0;

    for (int i = from; i < to; i++)
        total += costs[i];
    return total;
}

/* A boundary is at most half of the largest cost away from the ideal. */
static void check_batch(const plan *p, const int32_t *costs, int b, int largest)
{
    const int32_t *cuts = plan_batch(p, b);
    int64_t total = sum(costs, cuts[0], cuts[p->grains]);

    ck_assert(total <= 500 || cuts[p->grains] == cuts[0] + 1);
    for (int g = 0; g < p->grains; g++) {
        int64_t grain = sum(costs, cuts[g], cuts[g + 1]);
        ck_assert_int_le(cuts[g], cuts[g + 1]);
        ck_assert_int_le(llabs(grain * p->grains - total), (int64_t)largest * p->grains);
    }
}

START_TEST(balances_random_costs)
{
    enum { PAIRS = 2000, LARGEST = 40 };
    int32_t costs[PAIRS];

    for (uint32_t i = 0; i < PAIRS; i++)
        costs[i] = (int32_t)(random_bits(1, RANDOM_TEST, i, 0, 0) % LARGEST) + 1;
    for (int grains = 1; grains <= 8; grains++) {
        plan p = make(costs, PAIRS, 500, grains);
        ck_assert_int_eq(p.cuts[0], 0);
        ck_assert_int_eq(p.cuts[p.batches * grains], PAIRS);
        for (int b = 0; b < p.batches; b++)
            check_batch(&p, costs, b, LARGEST);
        plan_free(&p);
    }
}
END_TEST

START_TEST(says_when_memory_runs_out)
{
    const int32_t costs[] = {1};
    plan p;

    memory_fail_after(1);
    status result = plan_init(&p, costs, 1, 10, 2);
    memory_fail_after(0);
    ck_assert_int_eq(result, STATUS_NOMEM);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data/plan");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, fills_batches_up_to_the_tokens);
    tcase_add_test(tests, gives_a_large_pair_its_own_batch);
    tcase_add_test(tests, cuts_grains_at_the_nearest_boundary);
    tcase_add_test(tests, takes_the_earlier_of_two_as_near);
    tcase_add_test(tests, leaves_grains_empty);
    tcase_add_test(tests, plans_nothing);
    tcase_add_test(tests, balances_random_costs);
    tcase_add_test(tests, says_when_memory_runs_out);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

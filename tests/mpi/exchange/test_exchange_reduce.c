/* test_exchange_reduce.c - the bits of every sum on any number of ranks. */
#include <string.h>

#include "exchange_case.h"
#include "mpi_check.h"

/* Owned gradients that differ from the sum of so many batches, in order. */
static int wrong_gradients(const exchange_case *c, int batches)
{
    const slice *slices = exchange_slices(c->x);
    int wrong = 0;

    for (int b = 0; b < exchange_buckets(c->x); b++)
        for (size_t i = 0; i < slices[b].count; i++) {
            float sum = exchange_case_sum(c, 0, slices[b].first + i);

            for (int batch = 1; batch < batches; batch++)
                sum += exchange_case_sum(c, batch, slices[b].first + i);
            wrong +=
                memcmp(&exchange_gradients(c->x)[slices[b].owned + i], &sum, sizeof(sum)) != 0;
        }
    return wrong;
}

START_TEST(sums_have_the_bits_of_the_tree)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    exchange_case_reduce(&c, 0, false);
    ck_assert_all(wrong_gradients(&c, 1) == 0);
    exchange_case_free(&c);
}
END_TEST

START_TEST(batches_are_added_in_order)
{
    exchange_case c;

    exchange_case_init(&c, _i, true);
    exchange_case_reduce(&c, 0, false);
    exchange_case_reduce(&c, 1, true);
    exchange_case_reduce(&c, 2, true);
    ck_assert_all(wrong_gradients(&c, 3) == 0);
    exchange_case_reduce(&c, 0, false);
    ck_assert_all(wrong_gradients(&c, 1) == 0);
    exchange_case_free(&c);
}
END_TEST

START_TEST(buckets_nobody_announced_are_summed)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    exchange_case_set_gradients(&c, 0);
    exchange_begin(c.x, false);
    for (int b = exchange_buckets(c.x) - 1; b >= exchange_buckets(c.x) / 2 && c.rank == 0; b--)
        exchange_ready(c.x, b);
    exchange_end(c.x);
    ck_assert_all(wrong_gradients(&c, 1) == 0);
    exchange_case_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/reduce");
    TCase *tests = tcase_create("reduce");

    tcase_add_loop_test(tests, sums_have_the_bits_of_the_tree, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, batches_are_added_in_order, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, buckets_nobody_announced_are_summed, 0, EXCHANGE_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

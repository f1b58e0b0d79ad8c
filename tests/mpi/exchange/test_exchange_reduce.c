/* test_exchange_reduce.c - the bits of every sum on any number of ranks. */
#include "exchange_case.h"
#include "mpi_check.h"

START_TEST(sums_have_the_bits_of_the_tree)
{
    exchange_case c;

    exchange_case_init(&c, _i, false);
    exchange_case_reduce(&c, 0, false);
    ck_assert_all(exchange_case_wrong(&c, 1) == 0);
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
    ck_assert_all(exchange_case_wrong(&c, 3) == 0);
    exchange_case_reduce(&c, 0, false);
    ck_assert_all(exchange_case_wrong(&c, 1) == 0);
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
    ck_assert_all(exchange_case_wrong(&c, 1) == 0);
    exchange_case_free(&c);
}
END_TEST

START_TEST(traffic_is_counted)
{
    exchange_case c;

    exchange_case_init(&c, 5, false);
    for (int half = 0; half < 2; half++)
        exchange_case_reduce(&c, 0, false);
    exchange_traffic t = exchange_traffic_of(c.x);
    /* Each of as many gradients as there are goes to its owner, but those that are there. */
    double all = 2.0 * (double)c.p.gradient_floats * sizeof(float) * c.p.nodes;
    ck_assert(t.bytes <= all && (c.ranks == 1 || t.bytes >= all / 4));
    ck_assert((t.messages > 0) == (c.ranks > 1) && (t.in_flight > 0) == (c.ranks > 1));
    ck_assert(0.0 <= t.waited && t.waited <= t.in_flight);
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
    tcase_add_test(tests, traffic_is_counted);
    suite_add_tcase(suite, tests);
    return suite;
}

/* test_exchange_norm.c - the bits of the norm on any number of ranks. */
#include <math.h>

#include "exchange_case.h"
#include "mpi_check.h"

/* Recorded with one rank: every number of ranks gives the same. */
static const double norms[EXCHANGE_CASES] = {0x1.9f0a3d4624d83p+14, 0x1.de069672b035fp+14,
                                             0x1.0b31d9767a4acp+15, 0x1.23cb432cd631bp+15,
                                             0x1.3a9b743dc830bp+15, 0x1.4ef30deb90833p+15};

START_TEST(norm_is_the_same_on_any_number_of_ranks)
{
    exchange_case c;
    double naive = 0.0;

    exchange_case_init(&c, _i, false);
    exchange_case_reduce(&c, 0, false);
    double norm = exchange_norm(c.x);
    for (size_t at = 0; at < c.p.floats; at++)
        naive += pow(exchange_case_sum(&c, 0, at), 2);
    ck_assert_double_eq_tol(norm, sqrt(naive), 1e-9 * norm);
    ck_assert_msg(norm == norms[_i], "%a", norm);
    exchange_case_free(&c);
}
END_TEST

START_TEST(norm_shows_what_is_not_a_number)
{
    exchange_case c;

    exchange_case_init(&c, 0, false);
    exchange_case_reduce(&c, 0, false);
    if (c.rank == c.ranks - 1)
        exchange_gradients(c.x)[exchange_owned(c.x) - 1] = NAN;
    ck_assert_all(isnan(exchange_norm(c.x)));
    if (c.rank == c.ranks - 1)
        exchange_gradients(c.x)[exchange_owned(c.x) - 1] = -INFINITY;
    ck_assert_all(isinf(exchange_norm(c.x)));
    exchange_case_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/norm");
    TCase *tests = tcase_create("norm");

    tcase_add_loop_test(tests, norm_is_the_same_on_any_number_of_ranks, 0, EXCHANGE_CASES);
    tcase_add_test(tests, norm_shows_what_is_not_a_number);
    suite_add_tcase(suite, tests);
    return suite;
}

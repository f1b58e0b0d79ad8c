/* test_courier.c - a thread that moves messages and adds while others compute. */
#include <time.h>

#include "exchange_case.h"
#include "lockstep/base/clock.h"
#include "mpi_check.h"

static const double patience = 30.0; /* seconds */

static void open_case(exchange_case *c, int number, bool half)
{
    ck_assert(exchange_case_open(
        c, number, (exchange_settings){.half = half, .accumulate = true, .courier = true}));
}

/* Until nothing is under way any more, by the clock that runs while something is. */
static bool comes_to_rest(exchange *x)
{
    const struct timespec nap = {.tv_nsec = 20000000};
    double end = clock_seconds() + patience, before = 0.0;

    while (clock_seconds() < end) {
        nanosleep(&nap, NULL);
        double flying = exchange_traffic_of(x).in_flight;
        if (flying > 0.0 && flying == before)
            return true;
        before = flying;
    }
    return false;
}

START_TEST(nobody_has_to_call)
{
    exchange_case c;

    open_case(&c, _i, false);
    exchange_case_set_gradients(&c, 0);
    exchange_begin(c.x, false);
    for (int b = exchange_buckets(c.x) - 1; b >= 0; b--)
        exchange_ready(c.x, b);
    ck_assert_all(c.ranks == 1 || comes_to_rest(c.x));
    exchange_end(c.x);
    ck_assert_all(exchange_case_wrong(&c, 1) == 0);
    exchange_case_free(&c);
}
END_TEST

/* What all ranks do together goes on while messages do. */
START_TEST(collective_calls_take_turns)
{
    exchange_case c;
    int wrong = 0;

    open_case(&c, _i, true);
    for (int step = 0; step < 5; step++) {
        exchange_case_set_gradients(&c, 0);
        exchange_begin(c.x, false);
        for (int b = exchange_buckets(c.x) - 1; b >= 0; b--) {
            exchange_ready(c.x, b);
            wrong += world_max(test_world, c.rank + b) != c.ranks - 1 + b;
        }
        exchange_end(c.x);
        exchange_case_set_values(&c);
        exchange_gather_begin(c.x);
        for (int b = 0; b < exchange_buckets(c.x); b++) {
            exchange_gather_ready(c.x, b);
            wrong += world_max(test_world, c.rank + b) != c.ranks - 1 + b;
        }
        wrong += exchange_case_wrong(&c, 1);
    }
    exchange_gather_end(c.x);
    ck_assert_all(wrong == 0 && exchange_case_wrong_values(&c, c.p.values) == 0);
    exchange_case_free(&c);
}
END_TEST

/* Steps on end, with a rank that is late at another place in each. */
START_TEST(late_ranks_change_nothing)
{
    const struct timespec late = {.tv_nsec = 3000000};
    exchange_case c;
    int wrong = 0;

    open_case(&c, _i, false);
    for (int step = 0; step < 6; step++) {
        if (step % c.ranks == c.rank)
            nanosleep(&late, NULL);
        exchange_case_reduce(&c, 0, false);
        exchange_case_reduce(&c, 1, true);
        wrong += exchange_case_wrong(&c, 2);
        exchange_case_set_values(&c);
        exchange_gather_begin(c.x);
        if ((step + 1) % c.ranks == c.rank)
            nanosleep(&late, NULL);
        exchange_gather_wait(c.x, exchange_buckets(c.x) / 2);
    }
    exchange_gather_end(c.x);
    ck_assert_all(wrong == 0 && exchange_case_wrong_values(&c, c.p.values) == 0);
    exchange_case_free(&c);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("exchange/courier");
    TCase *tests = tcase_create("courier");

    tcase_add_loop_test(tests, nobody_has_to_call, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, collective_calls_take_turns, 0, EXCHANGE_CASES);
    tcase_add_loop_test(tests, late_ranks_change_nothing, 0, EXCHANGE_CASES);
    suite_add_tcase(suite, tests);
    return suite;
}

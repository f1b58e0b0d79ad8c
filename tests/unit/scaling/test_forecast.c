/* test_forecast.c - steps on hosts that are not there, against sums by hand. */
#include "lockstep/scaling/forecast.h"

#include <math.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

enum { SIDE = 1024 }; /* two matrices of 4 MiB each */

static const double bytes = 4.0 * SIDE * SIDE;

static recorded_tensor tensors[] = {
    {"first.weight", SIDE, SIDE, 2, 1, {1.0}},
    {"second.weight", SIDE, SIDE, 2, 1, {1.0}},
};

/* Forward 0.1 s for each matrix, backward 0.2 s for each. */
static recorded_event events[] = {
    {RECORDED_NEED, 0, 0, 0.0, 0.0},    {RECORDED_NEED, 1, 0, 0.1, 100.0},
    {RECORDED_READY, 1, 0, 0.3, 300.0}, {RECORDED_READY, 0, 0, 0.2, 200.0},
    {RECORDED_END, 0, 0, 0.0, 0.0},
};

static const recording made = {.ranks = 1,
                               .threads = 1,
                               .grains = 1,
                               .steps = 1,
                               .tokens = 100.0,
                               .rest = 0.01,
                               .norm = 0.02,
                               .update = 0.04,
                               .tensors = tensors,
                               .tensor_count = 2,
                               .events = events,
                               .event_count = 5};

static const network plain = {.bandwidth = 1e9, .hosts_a_switch = 32.0, .uplink = 1.0};

static forecast carried_on(int hosts, const network *n, bool courier)
{
    forecast f;
    const forecast_settings s = {.network = n,
                                 .hosts = hosts,
                                 .ranks_a_host = 1,
                                 .exchange = {.grains = hosts,
                                              .bucket_bytes = 1 << 22,
                                              .route = ROUTE_DIRECT,
                                              .courier = courier},
                                 .slowdown = 1.0};

    ck_assert_int_eq(forecast_make(&f, &made, &s), STATUS_OK);
    return f;
}

static forecast on(int hosts, const network *n)
{
    return carried_on(hosts, n, false);
}

static void check_near(double value, double want)
{
    ck_assert_msg(fabs(value - want) <= 2e-3 * want + 1e-9, "%g for %g", value, want);
}

START_TEST(test_one_rank)
{
    forecast f = on(1, &plain);

    check_near(f.seconds, 0.6 + 0.01 + 0.02 + 0.04);
    check_near(f.computing, f.seconds);
    ck_assert_double_eq(f.waiting + f.messages + f.agreeing + f.slowest + f.bytes, 0.0);
}
END_TEST

/* Norm and update are shared. Of each matrix half goes each way, twice: 16.8 ms at 1 Gbit/s
 * each; all hides but the first matrix' gradient and its values, which are needed at once. */
START_TEST(test_two_ranks)
{
    forecast f = on(2, &plain);
    double half = bytes / 2.0 * 8.0 / 1e9;

    check_near(f.bytes, 2.0 * bytes);
    check_near(f.cable, 4.0 * half);
    check_near(f.computing, 0.6 + 0.01 + 0.01 + 0.02);
    check_near(f.waiting, half + half - 0.01); /* the update of the second goes beside */
    check_near(f.seconds, f.computing + f.waiting);
}
END_TEST

/* A cable that is always busy is the limit. */
START_TEST(test_slow_cable)
{
    network n = plain;

    n.bandwidth = 1e7;
    forecast f = on(2, &n);
    ck_assert_double_ge(f.seconds, f.cable);
    ck_assert_double_le(f.seconds, f.cable + f.computing);
    n.bandwidth = 1e12;
    f = on(2, &n);
    check_near(f.seconds, f.computing);
}
END_TEST

START_TEST(test_processor)
{
    network n = {.bandwidth = 1e15, .between = {.message = 1e-3, .byte = 1e-9}, .add = 1e-9};
    forecast f = on(2, &n);
    double messages = 2.0 * 4.0 * 1e-3, copied = 2.0 * 4.0 * bytes / 2.0 * 1e-9;
    double added = 2.0 * SIDE * SIDE / 2.0 * 1e-9;

    check_near(f.messages, messages + copied + added);
    check_near(f.agreeing, 3.0 * 2.0 * 1e-3);
}
END_TEST

/* A courier's work is hidden but for that of the first matrix' gradient, which is the last. */
START_TEST(test_courier)
{
    network n = {.bandwidth = 1e15, .between = {.message = 1e-3, .byte = 1e-9}, .add = 1e-9};
    forecast without = on(2, &n), with = carried_on(2, &n, true);
    double half = SIDE * SIDE / 2.0;

    ck_assert_double_eq(with.messages, 0.0);
    ck_assert_double_eq(without.carried, 0.0);
    check_near(with.carried, without.messages);
    check_near(with.waiting, 2.0 * (1e-3 + 4.0 * half * 1e-9) + half * 1e-9);
    check_near(with.seconds, with.computing + with.waiting + with.agreeing);
}
END_TEST

/* One that is always busy is the limit. */
START_TEST(test_busy_courier)
{
    network n = {.bandwidth = 1e15, .between = {.byte = 1e-7}};
    forecast f = carried_on(2, &n, true);

    ck_assert_double_ge(f.computing + f.waiting, f.carried);
    ck_assert_double_le(f.waiting, f.carried);
}
END_TEST

START_TEST(test_latency)
{
    network n = {.bandwidth = 1e15, .between = {.latency = 0.01}};
    forecast two = on(2, &n), sixteen = on(16, &n);

    check_near(two.agreeing, 3.0 * 0.01);
    check_near(sixteen.agreeing, 4.0 * two.agreeing);
}
END_TEST

/* Ranks of one host share its cable, and reach each other without it. */
START_TEST(test_two_a_host)
{
    forecast f;
    forecast_settings s = {.network = &plain,
                           .hosts = 2,
                           .ranks_a_host = 2,
                           .exchange = {.grains = 4, .bucket_bytes = 1 << 22},
                           .slowdown = 2.0};

    s.exchange.route = ROUTE_HOSTS;
    ck_assert_int_eq(forecast_make(&f, &made, &s), STATUS_OK);
    ck_assert_str_eq(f.route, "in stages of 2, 2");
    /* Each rank sends a quarter over the cable, in both directions of the tree. */
    check_near(f.cable, 2.0 * 2.0 * 2.0 * bytes / 4.0 * 8.0 / 1e9);
    check_near(f.computing, 2.0 * (0.6 + 0.01 + 0.005 + 0.01));
    s.exchange.grains = 3;
    ck_assert_int_eq(forecast_make(&f, &made, &s), STATUS_CONFIG);
}
END_TEST

/* Zeros stay behind where they are at least half. */
START_TEST(test_zeros)
{
    double filled = tensors[0].filled[0];
    forecast all = on(2, &plain), some;

    tensors[0].filled[0] = 0.25;
    some = on(2, &plain);
    check_near(some.bytes, all.bytes - 0.75 * bytes / 2.0);
    tensors[0].filled[0] = 0.75;
    some = on(2, &plain);
    check_near(some.bytes, all.bytes);
    tensors[0].filled[0] = filled;
}
END_TEST

START_TEST(test_expected_largest)
{
    ck_assert_double_eq(expected_largest(1), 0.0);
    check_near(expected_largest(2), 1.0 / sqrt(acos(-1.0)));
    check_near(expected_largest(3), 1.5 / sqrt(acos(-1.0)));
    check_near(expected_largest(10), 1.5388);
    check_near(expected_largest(1000), 3.2414);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("forecast");
    TCase *tests = tcase_create("forecast");

    tcase_add_test(tests, test_one_rank);
    tcase_add_test(tests, test_two_ranks);
    tcase_add_test(tests, test_slow_cable);
    tcase_add_test(tests, test_processor);
    tcase_add_test(tests, test_courier);
    tcase_add_test(tests, test_busy_courier);
    tcase_add_test(tests, test_latency);
    tcase_add_test(tests, test_two_a_host);
    tcase_add_test(tests, test_zeros);
    tcase_add_test(tests, test_expected_largest);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

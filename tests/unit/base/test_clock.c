/* test_clock.c - monotonic seconds and durations for people. */
#include "unit_check.h"

#include <math.h>
#include <time.h>

#include "lockstep/base/clock.h"

START_TEST(test_monotonic)
{
    double before = clock_seconds();

    for (int i = 0; i < 1000; i++) {
        double now = clock_seconds();
        ck_assert(now >= before);
        before = now;
    }
}
END_TEST

START_TEST(test_time_of_day)
{
    double before = (double)time(NULL), now = clock_now();

    ck_assert_double_ge(now, before - 0.01); /* time() may take a coarser clock */
    ck_assert_double_le(now, (double)time(NULL) + 1.0);
}
END_TEST

START_TEST(test_processor_time_is_of_work_alone)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    double before = clock_processor_seconds(), end = clock_seconds() + 1.0;

    nanosleep(&pause, NULL);
    ck_assert_double_lt(clock_processor_seconds() - before, 0.05);
    while (clock_processor_seconds() - before < 0.01 && clock_seconds() < end)
        continue;
    ck_assert_double_ge(clock_processor_seconds() - before, 0.01);
}
END_TEST

static void assert_text(double seconds, const char *want)
{
    char text[32];

    clock_text(seconds, text);
    ck_assert_str_eq(text, want);
}

START_TEST(test_text)
{
    assert_text(0, "0s");
    assert_text(12.3, "12s");
    assert_text(59.9, "1m 00s");
    assert_text(200, "3m 20s");
    assert_text(7500, "2h 05m");
    assert_text(360000, "100h 00m");
    assert_text(-1, "?");
    assert_text((double)INFINITY, "?");
    assert_text((double)NAN, "?");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("clock");

    tcase_add_test(tests, test_monotonic);
    tcase_add_test(tests, test_time_of_day);
    tcase_add_test(tests, test_processor_time_is_of_work_alone);
    tcase_add_test(tests, test_text);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

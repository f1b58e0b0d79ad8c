/* test_stop.c - signals set the flag; a second SIGINT ends the process. */
#include "unit_check.h"

#include <signal.h>

#include "lockstep/base/stop.h"

START_TEST(test_signals_set_the_flag)
{
    const int signals[] = {SIGTERM, SIGINT, SIGUSR1};

    stop_open();
    ck_assert_int_eq(stop_signal(), 0);
    for (int i = 0; i < 3; i++) {
        stop_set(0);
        raise(signals[i]);
        ck_assert_int_eq(stop_signal(), signals[i]);
    }
}
END_TEST

START_TEST(test_first_one_counts)
{
    stop_open();
    raise(SIGUSR1);
    raise(SIGTERM);
    ck_assert_int_eq(stop_signal(), SIGUSR1);
}
END_TEST

START_TEST(test_second_interrupt_ends)
{
    stop_open();
    raise(SIGINT);
    raise(SIGINT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stop");
    TCase *tests = tcase_create("stop");

    tcase_add_test(tests, test_signals_set_the_flag);
    tcase_add_test(tests, test_first_one_counts);
    tcase_add_test_raise_signal(tests, test_second_interrupt_ends, SIGINT);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

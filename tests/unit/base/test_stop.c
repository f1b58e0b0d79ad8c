/* test_stop.c - signals set the flag; a second SIGINT or SIGQUIT ends the process. */
#include "unit_check.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "lockstep/base/stop.h"

START_TEST(test_signals_set_the_flag)
{
    const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGXCPU, SIGUSR1, SIGUSR2};

    stop_open();
    ck_assert_int_eq(stop_signal(), 0);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
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

START_TEST(test_second_quit_ends)
{
    stop_open();
    raise(SIGQUIT);
    raise(SIGQUIT);
}
END_TEST

START_TEST(test_an_ignored_hangup_stays_so)
{
    signal(SIGHUP, SIG_IGN);
    stop_open();
    raise(SIGHUP);
    ck_assert_int_eq(stop_signal(), 0);
}
END_TEST

/* Before, it ends the process: `lockstep predict | head`. */
START_TEST(test_a_closed_pipe_ends_nothing_afterwards)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    stop_open();
    raise(SIGTERM);
    ck_assert_int_eq((int)write(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(ends[1]);
}
END_TEST

START_TEST(looks_are_counted)
{
    unsigned long before = stop_looks();

    stop_set(SIGTERM);
    ck_assert_int_eq(stop_peek(), SIGTERM);
    ck_assert_uint_eq(stop_looks(), before);
    ck_assert_int_eq(stop_signal(), SIGTERM);
    ck_assert_uint_eq(stop_looks(), before + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stop");
    TCase *tests = tcase_create("stop");

    tcase_add_test(tests, test_signals_set_the_flag);
    tcase_add_test(tests, test_first_one_counts);
    tcase_add_test_raise_signal(tests, test_second_interrupt_ends, SIGINT);
    tcase_add_test_raise_signal(tests, test_second_quit_ends, SIGQUIT);
    tcase_add_test(tests, test_an_ignored_hangup_stays_so);
    tcase_add_test(tests, test_a_closed_pipe_ends_nothing_afterwards);
    tcase_add_test(tests, looks_are_counted);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

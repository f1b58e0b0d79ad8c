/* test_status.c - messages, context, exit codes. */
#include "unit_check.h"

#include <signal.h>
#include <string.h>

#include "lockstep/base/status.h"

START_TEST(test_fail_records)
{
    ck_assert_str_eq(error_message(), "");
    ck_assert_int_eq(fail(STATUS_IO, "%s: line %d", "a.txt", 7), STATUS_IO);
    ck_assert_str_eq(error_message(), "a.txt: line 7");
}
END_TEST

START_TEST(test_message_in_its_own_arguments)
{
    (void)fail(STATUS_IO, "disk full");
    (void)fail(STATUS_FORMAT, "old: %s", error_message());
    ck_assert_str_eq(error_message(), "old: disk full");
}
END_TEST

START_TEST(test_context)
{
    (void)fail(STATUS_IO, "disk full");
    ck_assert_int_eq(fail_context(STATUS_IO, "step %d", 3), STATUS_IO);
    ck_assert_str_eq(error_message(), "step 3: disk full");
}
END_TEST

START_TEST(test_message_is_one_line)
{
    (void)fail(STATUS_IO, "one\ntwo\r\n");
    ck_assert_str_eq(error_message(), "one two  ");
}
END_TEST

START_TEST(test_long_message_is_cut)
{
    char text[5000];

    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    (void)fail(STATUS_IO, "%s", text);
    ck_assert_uint_eq(strlen(error_message()), 2047);
    (void)fail_context(STATUS_IO, "%s", text);
    ck_assert_uint_eq(strlen(error_message()), 2047);
}
END_TEST

static status propagate(status code)
{
    TRY(code);
    return STATUS_STOPPED;
}

START_TEST(test_try_and_codes)
{
    ck_assert_int_eq(propagate(STATUS_NOMEM), STATUS_NOMEM);
    ck_assert_int_eq(propagate(STATUS_OK), STATUS_STOPPED);
    ck_assert_int_eq(status_exit_code(STATUS_OK), 0);
    ck_assert_int_eq(status_exit_code(STATUS_FORMAT), 2);
    ck_assert_int_eq(status_exit_code(STATUS_IO), 1);
    ck_assert_str_eq(status_text(STATUS_NOMEM), "out of memory");
}
END_TEST

START_TEST(test_check_aborts)
{
    CHECK(1 + 1 == 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("status");
    TCase *tests = tcase_create("status");

    tcase_add_test(tests, test_fail_records);
    tcase_add_test(tests, test_message_in_its_own_arguments);
    tcase_add_test(tests, test_context);
    tcase_add_test(tests, test_message_is_one_line);
    tcase_add_test(tests, test_long_message_is_cut);
    tcase_add_test(tests, test_try_and_codes);
    tcase_add_test_raise_signal(tests, test_check_aborts, SIGABRT);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

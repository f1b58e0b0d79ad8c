/* test_teacher_forcing.c - e(step) of every schedule. */
#include "teacher_forcing.h"

#include <math.h>

#include "lockstep/config/config.h"
#include "unit_check.h"

static void check(const teacher_forcing *f, int64_t done, double expected)
{
    double e = teacher_forcing_rate(f, done);

    ck_assert_msg(fabs(e - expected) <= 1e-14, "e(%lld) is %.17g, not %.17g", (long long)done,
                  e, expected);
}

START_TEST(test_none_is_one)
{
    teacher_forcing f = {.schedule = FORCING_NONE, .value = 0.5};

    ck_assert(teacher_forcing_rate(&f, 0) == 1.0);
    ck_assert(teacher_forcing_rate(&f, 1000000) == 1.0);
}
END_TEST

START_TEST(test_constant)
{
    teacher_forcing f = {.schedule = FORCING_CONSTANT, .value = 0.75, .start = 2};

    ck_assert(teacher_forcing_rate(&f, 0) == 1.0);
    ck_assert(teacher_forcing_rate(&f, 1) == 1.0);
    ck_assert(teacher_forcing_rate(&f, 2) == 0.75);
    ck_assert(teacher_forcing_rate(&f, 99) == 0.75);
}
END_TEST

START_TEST(test_linear)
{
    teacher_forcing f = {
        .schedule = FORCING_LINEAR, .value = 0.9, .decay = 0.01, .floor = 0.25, .start = 10};

    ck_assert(teacher_forcing_rate(&f, 9) == 1.0);
    check(&f, 10, 0.9);
    check(&f, 11, 0.89);
    check(&f, 60, 0.4);
    check(&f, 74, 0.26);
    ck_assert(teacher_forcing_rate(&f, 76) == 0.25);
    ck_assert(teacher_forcing_rate(&f, INT64_MAX) == 0.25);
}
END_TEST

START_TEST(test_exponential)
{
    teacher_forcing f = {
        .schedule = FORCING_EXPONENTIAL, .decay = 0.5, .floor = 0.01, .start = 3};

    ck_assert(teacher_forcing_rate(&f, 2) == 1.0);
    ck_assert(teacher_forcing_rate(&f, 3) == 1.0);
    check(&f, 4, 0.5);
    check(&f, 7, 0.0625);
    ck_assert(teacher_forcing_rate(&f, 10) == 0.01);
    ck_assert(teacher_forcing_rate(&f, INT64_MAX) == 0.01);
}
END_TEST

START_TEST(test_inverse_sigmoid)
{
    teacher_forcing f = {.schedule = FORCING_INVERSE_SIGMOID, .k = 100.0, .start = 5};

    ck_assert(teacher_forcing_rate(&f, 4) == 1.0);
    check(&f, 5, 100.0 / 101.0);
    check(&f, 105, 100.0 / (100.0 + exp(1.0)));
    check(&f, 905, 100.0 / (100.0 + exp(9.0)));
    /* exp(i / k) is beyond all floats here. */
    ck_assert(teacher_forcing_rate(&f, 10000000) == 0.0);
    f.floor = 0.125;
    check(&f, 105, 100.0 / (100.0 + exp(1.0)));
    ck_assert(teacher_forcing_rate(&f, 10000000) == 0.125);
    f.k = 1e300;
    check(&f, 1000000, 1.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("teacher_forcing");
    TCase *tests = tcase_create("teacher_forcing");

    tcase_add_test(tests, test_none_is_one);
    tcase_add_test(tests, test_constant);
    tcase_add_test(tests, test_linear);
    tcase_add_test(tests, test_exponential);
    tcase_add_test(tests, test_inverse_sigmoid);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

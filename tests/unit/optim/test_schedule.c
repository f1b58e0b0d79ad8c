/* test_schedule.c - learning rates at known steps. */
#include <math.h>

#include "lockstep/optim/schedule.h"
#include "unit_check.h"

static double rate(const char *name, double peak, int64_t warmup, int64_t step)
{
    schedule_settings settings = {.peak = peak, .warmup = warmup};
    const schedule *s = schedule_find(name);

    ck_assert_ptr_nonnull(s);
    return s->rate(&settings, step);
}

START_TEST(constant_never_changes)
{
    ck_assert_double_eq(rate("constant", 0.003, 100, 1), 0.003);
    ck_assert_double_eq(rate("constant", 0.003, 100, 1000000), 0.003);
}
END_TEST

START_TEST(inverse_sqrt_rises_linearly_to_its_peak)
{
    ck_assert_double_eq_tol(rate("inverse_sqrt", 0.001, 4000, 1), 2.5e-7, 1e-18);
    ck_assert_double_eq_tol(rate("inverse_sqrt", 0.001, 4000, 1000), 2.5e-4, 1e-15);
    ck_assert_double_eq(rate("inverse_sqrt", 0.001, 4000, 4000), 0.001);
}
END_TEST

START_TEST(inverse_sqrt_falls_with_the_root_of_the_step)
{
    ck_assert_double_eq_tol(rate("inverse_sqrt", 0.001, 4000, 16000), 5e-4, 1e-15);
    ck_assert_double_eq_tol(rate("inverse_sqrt", 0.001, 4000, 400000), 1e-4, 1e-15);
}
END_TEST

START_TEST(inverse_sqrt_without_warmup_starts_at_its_peak)
{
    ck_assert_double_eq(rate("inverse_sqrt", 0.001, 0, 1), 0.001);
    ck_assert_double_eq_tol(rate("inverse_sqrt", 0.001, 0, 4), 5e-4, 1e-15);
    ck_assert_double_eq(rate("inverse_sqrt", 0.001, 1, 9), rate("inverse_sqrt", 0.001, 0, 9));
}
END_TEST

START_TEST(unknown_name_has_no_schedule)
{
    ck_assert_ptr_null(schedule_find("inverse"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tcase = tcase_create("core");

    tcase_add_test(tcase, constant_never_changes);
    tcase_add_test(tcase, inverse_sqrt_rises_linearly_to_its_peak);
    tcase_add_test(tcase, inverse_sqrt_falls_with_the_root_of_the_step);
    tcase_add_test(tcase, inverse_sqrt_without_warmup_starts_at_its_peak);
    tcase_add_test(tcase, unknown_name_has_no_schedule);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}

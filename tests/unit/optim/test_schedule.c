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

/* Those that fall to a floor, from 1 at step 10. */
static const char *const falling[] = {"linear", "cosine", "exponential", "steps", "plateau"};
enum { FALLING = sizeof(falling) / sizeof(*falling) };

static schedule_settings falling_settings(void)
{
    return (schedule_settings){.peak = 1.0,
                               .floor = 0.125,
                               .decay = 0.25,
                               .warmup = 10,
                               .until = 50,
                               .every = 20,
                               .cuts = 0};
}

static double falling_rate(const char *name, int64_t step)
{
    schedule_settings settings = falling_settings();

    return schedule_find(name)->rate(&settings, step);
}

START_TEST(all_rise_to_their_peak)
{
    ck_assert_double_eq(falling_rate(falling[_i], 1), 0.1);
    ck_assert_double_eq(falling_rate(falling[_i], 9), 0.9);
    ck_assert_double_eq(falling_rate(falling[_i], 10), 1.0);
}
END_TEST

START_TEST(none_falls_below_its_floor)
{
    schedule_settings settings = falling_settings();
    const schedule *s = schedule_find(falling[_i]);
    double last = 1.0;

    for (int64_t step = 10; step < 200; step++) {
        settings.cuts = step / 50;
        double now = s->rate(&settings, step);
        ck_assert_double_le(now, last);
        last = now;
    }
    ck_assert_double_eq(last, 0.125);
    ck_assert_double_eq(s->rate(&settings, INT64_MAX / 2), 0.125);
}
END_TEST

START_TEST(rates_on_the_way_down)
{
    ck_assert_double_eq_tol(falling_rate("linear", 20), 0.125 + 0.875 * 0.75, 1e-15);
    ck_assert_double_eq_tol(falling_rate("linear", 30), 0.125 + 0.875 * 0.5, 1e-15);
    ck_assert_double_eq_tol(falling_rate("cosine", 20), 0.125 + 0.875 * (2 + sqrt(2)) / 4,
                            1e-15);
    ck_assert_double_eq_tol(falling_rate("cosine", 30), 0.125 + 0.875 * 0.5, 1e-15);
    ck_assert_double_eq(falling_rate("linear", 50), 0.125);
    ck_assert_double_eq(falling_rate("cosine", 50), 0.125);
    ck_assert_double_eq_tol(falling_rate("exponential", 20), 0.5, 1e-15);
    ck_assert_double_eq_tol(falling_rate("exponential", 30), 0.25, 1e-15);
    ck_assert_double_eq(falling_rate("steps", 29), 1.0);
    ck_assert_double_eq(falling_rate("steps", 30), 0.25);
    ck_assert_double_eq(falling_rate("steps", 49), 0.25);
}
END_TEST

START_TEST(a_plateau_is_cut_by_its_count)
{
    schedule_settings settings = falling_settings();
    const schedule *s = schedule_find("plateau");

    settings.cuts = 1;
    ck_assert_double_eq(s->rate(&settings, 1000), 0.25);
    ck_assert_double_eq(s->rate(&settings, 2), 0.2);
    ck_assert_double_eq(s->rate(&settings, 4), 0.25); /* the warm-up would be at 0.4 */
    settings.cuts = 2;
    ck_assert_double_eq(s->rate(&settings, 1000), 0.125);
}
END_TEST

START_TEST(without_warmup_the_fall_begins_at_once)
{
    schedule_settings settings = falling_settings();

    settings.warmup = 0;
    ck_assert_double_eq_tol(schedule_find("linear")->rate(&settings, 10), 0.125 + 0.875 * 0.8,
                            1e-15);
    ck_assert_double_eq_tol(schedule_find("exponential")->rate(&settings, 10), 0.5, 1e-15);
    ck_assert_double_eq(schedule_find("steps")->rate(&settings, 1), 1.0);
    ck_assert_double_eq(schedule_find("plateau")->rate(&settings, 1), 1.0);
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
    tcase_add_loop_test(tcase, all_rise_to_their_peak, 0, FALLING);
    tcase_add_loop_test(tcase, none_falls_below_its_floor, 0, FALLING);
    tcase_add_test(tcase, rates_on_the_way_down);
    tcase_add_test(tcase, a_plateau_is_cut_by_its_count);
    tcase_add_test(tcase, without_warmup_the_fall_begins_at_once);
    tcase_add_test(tcase, unknown_name_has_no_schedule);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}

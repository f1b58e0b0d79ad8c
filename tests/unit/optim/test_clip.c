/* test_clip.c - how much a gradient is shortened. */
#include "lockstep/optim/clip.h"
#include "unit_check.h"

START_TEST(long_gradient_is_shortened_to_the_limit)
{
    ck_assert_double_eq(clip_factor(4.0, 1.0), 1.0 / 4.000001);
    ck_assert_double_eq_tol(4.0 * clip_factor(4.0, 0.5), 0.5, 1e-6);
}
END_TEST

START_TEST(short_gradient_is_left_alone)
{
    ck_assert_double_eq(clip_factor(0.5, 1.0), 1.0);
    ck_assert_double_eq(clip_factor(0.0, 1.0), 1.0);
}
END_TEST

START_TEST(limit_of_zero_clips_nothing)
{
    ck_assert_double_eq(clip_factor(1e9, 0.0), 1.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("clip");
    TCase *tcase = tcase_create("core");

    tcase_add_test(tcase, long_gradient_is_shortened_to_the_limit);
    tcase_add_test(tcase, short_gradient_is_left_alone);
    tcase_add_test(tcase, limit_of_zero_clips_nothing);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}

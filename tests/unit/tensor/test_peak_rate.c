/* test_peak_rate.c - no product is faster than the processor. */
#include "lockstep/tensor/peak_rate.h"

#include <math.h>

#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/gemm_rate.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

START_TEST(test_operations_are_counted)
{
    float few, many;

    double one = kernels_best()->multiply_add_rounds(1, &few);
    ck_assert_double_eq_tol(kernels_best()->multiply_add_rounds(1000, &many), 1000 * one, 0.5);
    ck_assert(isfinite(few) && isfinite(many) && few != many);
}
END_TEST

/* A sanitizer's checks keep the numbers from staying in registers. */
#ifdef __SANITIZE_ADDRESS__
static const double least = 0.2;
#else
static const double least = 0.6;
#endif

START_TEST(test_peak)
{
    double sgemm;

    gemm_open();
    ck_assert_int_eq(gemm_rate(1, &sgemm), STATUS_OK);
    double one = peak_rate(1), two = peak_rate(2);
    /* Wide bounds: what else runs on the machine changes each. */
    ck_assert_double_gt(one, least * sgemm);
    ck_assert_double_lt(two, 4.0 * one);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peak_rate");
    TCase *tests = tcase_create("peak_rate");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_operations_are_counted);
    tcase_add_test(tests, test_peak);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

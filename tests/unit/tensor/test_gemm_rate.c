/* test_gemm_rate.c - a rate is measured, on one and on two threads. */
#include "lockstep/tensor/gemm_rate.h"

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "unit_check.h"

/* The rate of one product, timed here. */
static double rate_of_one(float *all, int side)
{
    size_t count = (size_t)side * (size_t)side;
    double best = 0.0;

    for (int i = 0; i < 5; i++) {
        double begin = clock_seconds();
        gemm_nt(1.0f, matrix_view(all, side, side), matrix_view(all + count, side, side), 0.0f,
                matrix_view(all + 2 * count, side, side));
        double rate = 2e-9 * side * side * side / (clock_seconds() - begin);
        best = rate > best ? rate : best;
    }
    return best;
}

START_TEST(test_rate)
{
    enum { SIDE = 512 };
    float *all = memory_create((size_t)3 * SIDE * SIDE, sizeof(*all));
    double one, two;

    gemm_open();
    double mine = rate_of_one(all, SIDE);
    ck_assert_int_eq(gemm_rate(1, &one), STATUS_OK);
    ck_assert_int_eq(gemm_rate(2, &two), STATUS_OK);
    /* Wide bounds: what else runs on the machine changes both. */
    ck_assert_double_gt(one, 0.3 * mine);
    ck_assert_double_lt(one, 3.0 * mine);
    ck_assert_double_gt(two, 0.3 * one);
    ck_assert_double_lt(two, 4.0 * one);
    memory_destroy(all);
}
END_TEST

START_TEST(test_no_memory)
{
    double rate;

    memory_fail_after(1);
    ck_assert_int_eq(gemm_rate(1, &rate), STATUS_NOMEM);
    memory_fail_after(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gemm_rate");
    TCase *tests = tcase_create("gemm_rate");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_rate);
    tcase_add_test(tests, test_no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

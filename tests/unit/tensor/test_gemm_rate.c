/* test_gemm_rate.c - a rate is measured, on one and on two threads. */
#include "lockstep/tensor/gemm_rate.h"

#include <stdbool.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/memory.h"
#include "lockstep/tensor/gemm.h"
#include "unit_check.h"

enum { SIDE = 512 };
static const double patience = 15.0; /* seconds */

/* What else runs on the machine only lowers a rate, so the best of several tries counts. */
typedef struct rate {
    double best;  /* GFLOP/s */
    double share; /* of the processors that it asked for, in that try */
} rate;

/* The rate of one product, timed here. */
static double rate_of_one(float *all)
{
    const int side = SIDE;
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

static void measure(rate *r, int threads)
{
    double begin = clock_seconds(), processor = clock_processor_seconds(), now;

    ck_assert_int_eq(gemm_rate(threads, &now), STATUS_OK);
    double share =
        (clock_processor_seconds() - processor) / (threads * (clock_seconds() - begin));
    if (now > r->best)
        *r = (rate){.best = now, .share = share};
}

/* Wide bounds; the lower one is wider where the machine had no time for us. */
static bool is_near(const rate *r, double other, double most)
{
    return 0.3 * r->share * other < r->best && r->best < most * other;
}

START_TEST(test_rate)
{
    float *all = memory_create((size_t)3 * SIDE * SIDE, sizeof(*all));
    rate one = {.share = 1.0}, two = {.share = 1.0};
    double mine = 0.0, end = clock_seconds() + patience;
    bool good = false;

    gemm_open();
    while (!good && clock_seconds() < end) {
        double again = rate_of_one(all);
        mine = again > mine ? again : mine;
        measure(&one, 1);
        measure(&two, 2);
        good = is_near(&one, mine, 3.0) && is_near(&two, one.best, 4.0);
    }
    ck_assert_msg(good, "alone %g, one thread %g, two threads %g GFLOP/s; shares %g, %g", mine,
                  one.best, two.best, one.share, two.share);
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

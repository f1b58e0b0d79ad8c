/* test_moving_average.c - the formula, threads, and nothing where there is none. */
#include "lockstep/optim/moving_average.h"

#include <math.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

enum { COUNT = 10000 };

START_TEST(test_decay)
{
    ck_assert_double_eq(moving_average_decay(0.999, 1), 2.0 / 11.0);
    ck_assert_double_eq(moving_average_decay(0.999, 8), 0.5);
    ck_assert_double_eq(moving_average_decay(0.5, 8), 0.5);
    ck_assert_double_eq(moving_average_decay(0.5, 7), 8.0 / 17.0);
    ck_assert_double_eq(moving_average_decay(0.999, 100000), 0.999);
}
END_TEST

/* Against the formula in double. */
START_TEST(test_formula)
{
    moving_average a;
    float value[3] = {1.5f, -0.25f, 100.0f};
    double want[3] = {0};

    ck_assert_int_eq(moving_average_init(&a, 0.9, 5, 1), STATUS_OK);
    for (int64_t step = 1; step <= 200; step++) {
        double d = fmin(0.9, (1.0 + (double)step) / (10.0 + (double)step));

        for (int i = 0; i < 3; i++) {
            value[i] = value[i] * 1.01f + 0.125f;
            want[i] = d * want[i] + (1.0 - d) * (double)value[i];
        }
        moving_average_add(&a, step, value, 2, 3);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(a.values[2 + i], want[i], 2e-6 * fabs(want[i]));
    ck_assert(a.values[0] == 0.0f && a.values[1] == 0.0f);
    moving_average_free(&a);
}
END_TEST

/* With a decay near 1 the average of what does not change is that. */
START_TEST(test_a_value_that_stays)
{
    moving_average a;
    const float value = 0.7f;

    ck_assert_int_eq(moving_average_init(&a, 0.9999, 1, 1), STATUS_OK);
    a.values[0] = value;
    for (int64_t step = 1; step <= 100000; step++)
        moving_average_add(&a, step, &value, 0, 1);
    ck_assert(a.values[0] == value);
    moving_average_free(&a);
}
END_TEST

START_TEST(test_threads_and_pieces)
{
    moving_average one, three;
    float *values = memory_create(COUNT, sizeof(float));

    for (int i = 0; i < COUNT; i++)
        values[i] = sinf((float)i);
    ck_assert_int_eq(moving_average_init(&one, 0.99, COUNT, 1), STATUS_OK);
    ck_assert_int_eq(moving_average_init(&three, 0.99, COUNT, 3), STATUS_OK);
    for (int64_t step = 1; step <= 5; step++) {
        moving_average_add(&one, step, values, 0, COUNT);
        for (size_t at = 0; at < COUNT; at += 2500) /* as slices would lie */
            moving_average_add(&three, step, values + at, at, 2500);
    }
    ck_assert_mem_eq(one.values, three.values, COUNT * sizeof(float));
    ck_assert(one.values[COUNT - 1] != 0.0f);
    moving_average_free(&one);
    moving_average_free(&three);
    memory_destroy(values);
}
END_TEST

START_TEST(test_none)
{
    moving_average a;
    const float value = 1.0f;
    size_t before = memory_allocations();

    ck_assert_int_eq(moving_average_init(&a, 0.0, COUNT, 1), STATUS_OK);
    moving_average_add(&a, 1, &value, 0, 1);
    ck_assert_ptr_null(a.values);
    ck_assert_uint_eq(memory_allocations(), before);
    moving_average_free(&a);
    moving_average_free(&a);
}
END_TEST

START_TEST(test_no_memory)
{
    moving_average a;

    memory_fail_after(1);
    ck_assert_int_eq(moving_average_init(&a, 0.5, COUNT, 1), STATUS_NOMEM);
    memory_fail_after(0);
    ck_assert_ptr_nonnull(strstr(error_message(), "average of the parameters"));
    moving_average_free(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("moving_average");
    TCase *tests = tcase_create("moving_average");

    tcase_add_test(tests, test_decay);
    tcase_add_test(tests, test_formula);
    tcase_add_test(tests, test_a_value_that_stays);
    tcase_add_test(tests, test_threads_and_pieces);
    tcase_add_test(tests, test_none);
    tcase_add_test(tests, test_no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

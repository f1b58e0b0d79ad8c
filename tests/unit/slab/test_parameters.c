/* test_parameters.c - the layout of the slabs and what they start from. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/slab/parameters.h"
#include "unit_check.h"

enum { EMBEDDING, NORM, WEIGHT, BIAS, TENSORS };

static parameters p;

static int add(const char *name, int dimensions, int rows, int cols, parameter_fill fill)
{
    int index;

    ck_assert_int_eq(parameters_add(&p, &index, name, dimensions, rows, cols, fill), STATUS_OK);
    return index;
}

/* A tied tensor between others, of sizes that divide nothing. */
static void setup(void)
{
    int use;

    parameters_init(&p);
    ck_assert_int_eq(add("embedding.weight", 2, 100, 50, FILL_NORMAL), EMBEDDING);
    ck_assert_int_eq(add("norm.weight", 1, 1, 50, FILL_ONE), NORM);
    ck_assert_int_eq(add("linear.weight", 2, 70, 61, FILL_XAVIER), WEIGHT);
    ck_assert_int_eq(add("linear.bias", 1, 1, 70, FILL_ZERO), BIAS);
    parameters_add_use(&p, WEIGHT, &use);
    ck_assert_int_eq(use, 1);
    parameters_add_use(&p, WEIGHT, &use);
    ck_assert_int_eq(use, 2);
}

static void teardown(void)
{
    parameters_free(&p);
}

static void allocate(int nodes)
{
    ck_assert_int_eq(parameters_allocate(&p, nodes), STATUS_OK);
}

START_TEST(tensors_stand_where_the_header_says)
{
    allocate(2);
    ck_assert_uint_eq(p.list[EMBEDDING].first, 0);
    ck_assert_uint_eq(p.list[NORM].first, 5008); /* 5000, to the next 16 */
    /* 4270 numbers in two whole blocks */
    ck_assert_uint_eq(p.list[WEIGHT].first, 2 * PARAMETER_BLOCK);
    ck_assert_uint_eq(p.list[BIAS].first, 4 * PARAMETER_BLOCK);
    ck_assert_uint_eq(p.floats, 5 * PARAMETER_BLOCK);
    ck_assert_uint_eq(parameters_total(&p), 5000 + 50 + 4270 + 70);
    ck_assert_uint_eq((uintptr_t)p.values % 64, 0);
}
END_TEST

START_TEST(further_uses_follow_the_slab)
{
    allocate(3);
    ck_assert_uint_eq(p.gradient_floats, (5 + 2 * 2) * PARAMETER_BLOCK);
    for (int i = 0; i < TENSORS; i++)
        ck_assert_uint_eq(p.list[i].gradient[0], p.list[i].first);
    ck_assert_uint_eq(p.list[WEIGHT].gradient[1], 5 * PARAMETER_BLOCK);
    ck_assert_uint_eq(p.list[WEIGHT].gradient[2], 7 * PARAMETER_BLOCK);

    gradient g = parameters_gradient(&p, WEIGHT, 2);
    ck_assert_ptr_eq(g.data, p.gradients + 7 * PARAMETER_BLOCK);
    ck_assert_uint_eq(g.node_stride, p.gradient_floats);
}
END_TEST

START_TEST(all_nodes_start_at_zero)
{
    allocate(3);
    for (size_t i = 0; i < 3 * p.gradient_floats; i++)
        ck_assert(p.gradients[i] == 0.0f);
    for (size_t i = 0; i < p.floats; i++)
        ck_assert(p.values[i] == 0.0f);
}
END_TEST

START_TEST(a_model_that_does_not_train_has_no_gradients)
{
    allocate(0);
    ck_assert_ptr_null(p.gradients);
    ck_assert_ptr_null(parameters_gradient(&p, NORM, 0).data);
    ck_assert_ptr_eq(parameters_values(&p, NORM), p.values + 5008);
}
END_TEST

START_TEST(tensors_that_multiply_are_told_apart)
{
    parameters_multiply(&p, WEIGHT);
    allocate(1);
    for (int i = 0; i < TENSORS; i++)
        ck_assert_int_eq(p.list[i].multiplies, i == WEIGHT);
    /* It has no say in where anything stands. */
    ck_assert_uint_eq(p.list[WEIGHT].first, 2 * PARAMETER_BLOCK);
    ck_assert_uint_eq(p.floats, 5 * PARAMETER_BLOCK);
}
END_TEST

START_TEST(tensors_are_found_by_name)
{
    ck_assert_int_eq(parameters_find(&p, "linear.bias"), BIAS);
    ck_assert_int_eq(parameters_find(&p, "embedding.weight"), EMBEDDING);
    ck_assert_int_eq(parameters_find(&p, "linear"), -1);
}
END_TEST

START_TEST(xavier_is_uniform_within_its_bound)
{
    double bound = sqrt(6.0 / (70 + 61)), sum = 0.0, squares = 0.0;
    double largest = 0.0;
    int n = 70 * 61;

    allocate(0);
    parameters_initialize(&p, 7);
    const float *w = parameters_values(&p, WEIGHT);
    for (int i = 0; i < n; i++) {
        sum += w[i];
        squares += (double)w[i] * w[i];
        largest = fmax(largest, fabs(w[i]));
    }
    ck_assert_double_le(largest, bound + 1e-7);
    ck_assert_double_gt(largest, 0.99 * bound);
    /* the deviation of the mean is bound / sqrt(3 n), of the second moment
     * bound^2 * sqrt(4 / 45 n) */
    ck_assert_double_lt(fabs(sum / n), 4 * bound / sqrt(3.0 * n));
    ck_assert_double_lt(fabs(squares / n - bound * bound / 3),
                        4 * bound * bound * sqrt(4.0 / (45.0 * n)));
}
END_TEST

START_TEST(normal_has_its_deviation_and_tails)
{
    double sum = 0.0, squares = 0.0;
    int n = 5000, within_one = 0;

    allocate(0);
    parameters_initialize(&p, 7);
    const float *w = parameters_values(&p, EMBEDDING);
    for (int i = 0; i < n; i++) {
        double z = w[i] * sqrt(50.0);

        sum += z;
        squares += z * z;
        within_one += fabs(z) < 1.0;
    }
    ck_assert_double_lt(fabs(sum / n), 4 / sqrt(n));
    ck_assert_double_lt(fabs(squares / n - 1.0), 4 * sqrt(2.0 / n));
    ck_assert_double_lt(fabs(within_one / (double)n - 0.6827), 0.03);
}
END_TEST

START_TEST(constants_are_filled_and_gaps_stay_zero)
{
    allocate(0);
    parameters_initialize(&p, 7);
    for (int i = 0; i < 50; i++)
        ck_assert(parameters_values(&p, NORM)[i] == 1.0f);
    for (int i = 0; i < 70; i++)
        ck_assert(parameters_values(&p, BIAS)[i] == 0.0f);
    for (size_t i = 5000; i < 5008; i++)
        ck_assert(p.values[i] == 0.0f);
    for (size_t i = 2 * PARAMETER_BLOCK + 4270; i < 4 * PARAMETER_BLOCK; i++)
        ck_assert(p.values[i] == 0.0f);
}
END_TEST

START_TEST(numbers_are_a_function_of_seed_and_index)
{
    static float kept[5 * PARAMETER_BLOCK];

    allocate(0);
    parameters_initialize(&p, 7);
    memcpy(kept, p.values, sizeof(kept));
    parameters_initialize(&p, 8);
    ck_assert(memcmp(kept, p.values, sizeof(kept)) != 0);
    parameters_initialize(&p, 7);
    ck_assert_mem_eq(kept, p.values, sizeof(kept));
}
END_TEST

START_TEST(tensors_of_one_shape_differ)
{
    parameters_free(&p);
    add("a", 2, 8, 8, FILL_XAVIER);
    add("b", 2, 8, 8, FILL_XAVIER);
    allocate(0);
    parameters_initialize(&p, 7);
    ck_assert(memcmp(parameters_values(&p, 0), parameters_values(&p, 1), 64 * sizeof(float)) !=
              0);
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    int index;

    memory_fail_after(1);
    ck_assert_int_eq(parameters_add(&p, &index, "more.weight", 2, 9, 9, FILL_ZERO),
                     STATUS_NOMEM);
    ck_assert_ptr_nonnull(strstr(error_message(), "more.weight"));
    memory_fail_after(2);
    ck_assert_int_eq(parameters_allocate(&p, 2), STATUS_NOMEM);
    ck_assert_ptr_nonnull(strstr(error_message(), "gradients"));
    memory_fail_after(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parameters");
    TCase *tcase = tcase_create("core");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, tensors_stand_where_the_header_says);
    tcase_add_test(tcase, further_uses_follow_the_slab);
    tcase_add_test(tcase, all_nodes_start_at_zero);
    tcase_add_test(tcase, a_model_that_does_not_train_has_no_gradients);
    tcase_add_test(tcase, tensors_that_multiply_are_told_apart);
    tcase_add_test(tcase, tensors_are_found_by_name);
    tcase_add_test(tcase, xavier_is_uniform_within_its_bound);
    tcase_add_test(tcase, normal_has_its_deviation_and_tails);
    tcase_add_test(tcase, constants_are_filled_and_gaps_stay_zero);
    tcase_add_test(tcase, numbers_are_a_function_of_seed_and_index);
    tcase_add_test(tcase, tensors_of_one_shape_differ);
    tcase_add_test(tcase, lack_of_memory_is_reported);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}

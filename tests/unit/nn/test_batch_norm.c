/* test_batch_norm.c - statistics over the batch, and their running averages. */
#include <math.h>
#include <string.h>

#include "layer_check.h"
#include "lockstep/base/memory.h"
#include "lockstep/nn/norm.h"
#include "lockstep/tensor/gemm.h"
#include "made_matrix.h"
#include "packed_run.h"
#include "recorded_sums.h"
#include "unit_check.h"

enum { ROWS = 7, WIDTH = 5, GRAINS = 3 };

static parameters p;
static norm layer;

static void create(int width)
{
    norm_indices indices;

    parameters_init(&p);
    ck_assert_int_eq(norm_add(&p, &indices, "norm1.", width, true), STATUS_OK);
    ck_assert_int_eq(parameters_allocate(&p, LAYER_CHECK_GRAINS), STATUS_OK);
    parameters_initialize(&p, 1);
    layer = norm_view(&p, &indices);
}

/* One pass over made-up rows; y is overwritten. */
static void pass_with_share(matrix x, matrix y, bool learning, double share)
{
    static const int32_t offsets[] = {0, 3, 4, 7}, grain_sequences[GRAINS + 1] = {0, 2, 2, 3};
    packed_run rows = packed_run_create(NULL, offsets, grain_sequences, 0, GRAINS);
    recorded_sums sums;
    arena memory;
    norm_saved saved;

    ck_assert_int_eq(arena_init(&memory, (size_t)1 << 20), STATUS_OK);
    recorded_sums_init(&sums, GRAINS);
    pass pass = {.arena = &memory,
                 .threads = 1,
                 .running_share = share,
                 .batch = learning ? recorded_sums_begin(&sums, 0, GRAINS) : NULL};
    stream stream = stream_push(&pass, &rows.packed);
    norm_push(&layer, &pass, &stream, &saved);
    norm_forward(&layer, &pass, &stream, x, y, &saved);
    recorded_sums_free(&sums);
    packed_run_free(&rows);
    arena_free(&memory);
}

static void pass_over(matrix x, matrix y, bool learning)
{
    pass_with_share(x, y, learning, 0.0);
}

/* Mean and biased variance of column c. */
static void statistics(matrix x, int c, double *mean, double *variance)
{
    *mean = *variance = 0.0;
    for (int r = 0; r < x.rows; r++)
        *mean += (double)matrix_row(x, r)[c] / x.rows;
    for (int r = 0; r < x.rows; r++)
        *variance += pow((double)matrix_row(x, r)[c] - *mean, 2.0) / x.rows;
}

START_TEST(running_values_move_a_tenth_of_the_way)
{
    matrix x = made_matrix_create(ROWS, WIDTH, 0, 1), y = made_matrix_create(ROWS, WIDTH, 0, 2);

    create(WIDTH);
    pass_over(x, y, true);
    for (int c = 0; c < WIDTH; c++) {
        double mean, variance;
        statistics(x, c, &mean, &variance);
        ck_assert_double_eq_tol(layer.batch.running_mean[c], 0.1 * mean, 1e-6);
        ck_assert_double_eq_tol(layer.batch.running_var[c],
                                0.9 + 0.1 * variance * ROWS / (ROWS - 1), 1e-6);
        for (int r = 0; r < ROWS; r++)
            ck_assert_double_eq_tol(matrix_row(y, r)[c],
                                    (matrix_row(x, r)[c] - mean) / sqrt(variance + 1e-5), 1e-5);
    }
    parameters_free(&p);
    made_matrix_free(x);
    made_matrix_free(y);
}
END_TEST

/* What was there before is forgotten with the first batch. */
START_TEST(falling_shares_give_the_mean_of_batches)
{
    enum { BATCHES = 3 };
    double means[WIDTH] = {0}, variances[WIDTH] = {0};
    matrix y = made_matrix_create(ROWS, WIDTH, 0, 2);

    create(WIDTH);
    layer.batch.running_mean[0] = 1e6f;
    for (int b = 0; b < BATCHES; b++) {
        matrix x = made_matrix_create(ROWS, WIDTH, 0, (uint32_t)(5 + b));

        pass_with_share(x, y, true, 1.0 / (b + 1));
        for (int c = 0; c < WIDTH; c++) {
            double mean, variance;
            statistics(x, c, &mean, &variance);
            means[c] += mean / BATCHES;
            variances[c] += variance * ROWS / (ROWS - 1) / BATCHES;
        }
        made_matrix_free(x);
    }
    for (int c = 0; c < WIDTH; c++) {
        ck_assert_double_eq_tol(layer.batch.running_mean[c], means[c], 1e-6);
        ck_assert_double_eq_tol(layer.batch.running_var[c], variances[c], 1e-6);
    }
    parameters_free(&p);
    made_matrix_free(y);
}
END_TEST

START_TEST(other_passes_take_the_running_values_and_move_none)
{
    matrix x = made_matrix_create(ROWS, WIDTH, 0, 3), y = made_matrix_create(ROWS, WIDTH, 0, 4);

    create(WIDTH);
    for (int c = 0; c < WIDTH; c++) {
        layer.batch.running_mean[c] = 0.25f * (float)c;
        layer.batch.running_var[c] = 1.0f + (float)c;
    }
    pass_over(x, y, false);
    for (int c = 0; c < WIDTH; c++) {
        ck_assert_float_eq(layer.batch.running_mean[c], 0.25f * (float)c);
        ck_assert_float_eq(layer.batch.running_var[c], 1.0f + (float)c);
        for (int r = 0; r < ROWS; r++)
            ck_assert_double_eq_tol(matrix_row(y, r)[c],
                                    (matrix_row(x, r)[c] - 0.25 * c) / sqrt(1.00001 + c), 1e-5);
    }
    parameters_free(&p);
    made_matrix_free(x);
    made_matrix_free(y);
}
END_TEST

static void run(const layer_run *r)
{
    norm_saved saved;

    norm_push(&layer, r->pass, r->queries, &saved);
    norm_forward(&layer, r->pass, r->queries, r->x, r->y, &saved);
    if (!r->backward)
        return;
    norm_push_partials(&layer, r->pass, r->queries, &saved);
    norm_backward(&layer, r->pass, r->queries, r->dy, (matrix){0}, r->dx, &saved);
    norm_backward_parameters(&layer, r->pass, r->queries, &saved);
}

static layer_check check_of(int width)
{
    create(width);
    layer_check_fill(&p);
    return (layer_check){.run = run, .parameters = &p, .x_cols = width, .y_cols = width};
}

START_TEST(gradients_are_central_differences)
{
    layer_check check = check_of(9);
    ck_assert_double_lt(layer_check_gradients(&check), 2e-3);
    parameters_free(&p);
}
END_TEST

START_TEST(bits_do_not_depend_on_threads_and_ranks)
{
    layer_check check = check_of(33);
    layer_check_bits(&check);
    parameters_free(&p);
}
END_TEST

static Suite *batch_norm_suite(void)
{
    Suite *suite = suite_create("nn/batch_norm");
    TCase *tests = tcase_create("batch_norm");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, running_values_move_a_tenth_of_the_way);
    tcase_add_test(tests, falling_shares_give_the_mean_of_batches);
    tcase_add_test(tests, other_passes_take_the_running_values_and_move_none);
    tcase_add_test(tests, gradients_are_central_differences);
    tcase_add_test(tests, bits_do_not_depend_on_threads_and_ranks);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(batch_norm_suite());
}

/* test_softmax_block.c - blocks of a softmax, and their gradients, against double
 * precision. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { MOST_ROWS = 5, FIRST = 1000, UNTOUCHED = 77 };

typedef struct statistics {
    float largest[MOST_ROWS], sum[MOST_ROWS], total[MOST_ROWS], gold_logit[MOST_ROWS];
} statistics;

/* Even rows have their gold symbol in the block, odd ones just past its end. */
static int32_t gold_of(int row, int cols)
{
    return FIRST + (row % 2 == 0 ? (row * 53 + cols - 1) % cols : cols);
}

static float *bias_create(int cols)
{
    float *bias = memory_create((size_t)cols, sizeof(float));

    for (int c = 0; c < cols; c++)
        bias[c] = 0.01f * (float)(c % 7);
    return bias;
}

static statistics forward(matrix logits, const float *bias)
{
    int32_t gold[MOST_ROWS];
    statistics out;

    for (int r = 0; r < logits.rows; r++) {
        gold[r] = gold_of(r, logits.cols);
        out.gold_logit[r] = UNTOUCHED;
    }
    kernels_get()->softmax_block_forward(&(softmax_block){.logits = logits,
                                                          .bias = bias,
                                                          .gold = gold,
                                                          .first = FIRST,
                                                          .largest = out.largest,
                                                          .sum = out.sum,
                                                          .total = out.total,
                                                          .gold_logit = out.gold_logit});
    return out;
}

static void compare_row(const float *x, const float *bias, int cols, int row,
                        const statistics *got, const float *exponentials)
{
    double largest = -INFINITY, sum = 0.0, total = 0.0;
    double *expected = memory_create((size_t)cols, sizeof(double));

    for (int c = 0; c < cols; c++) {
        largest = fmax(largest, (double)(x[c] + bias[c]));
        total += (double)(x[c] + bias[c]);
    }
    for (int c = 0; c < cols; c++)
        sum += expected[c] = exp((double)(x[c] + bias[c]) - largest);
    ck_assert(got->largest[row] == (float)largest);
    kernel_check_close("sum", &got->sum[row], &sum, 1, 1e-6);
    ck_assert(fabs(got->total[row] - total) < 1e-5 * (1 + cols));
    kernel_check_close("exponentials", exponentials, expected, cols, 3e-7);
    int gold = gold_of(row, cols) - FIRST;
    float logit = gold < cols ? x[gold] + bias[gold] : UNTOUCHED;
    ck_assert(got->gold_logit[row] == logit);
    memory_destroy(expected);
}

static void check_forward(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), logits = made_matrix_copy(x);
    float *bias = bias_create(cols);
    statistics got = forward(logits, bias);

    for (int r = 0; r < rows; r++)
        compare_row(matrix_row(x, r), bias, cols, r, &got, matrix_row(logits, r));
    made_matrix_check(logits, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(logits);
    memory_destroy(bias);
}

static void backward(matrix logits, float *sum)
{
    int32_t gold[MOST_ROWS];
    float factor[MOST_ROWS];

    for (int r = 0; r < logits.rows; r++) {
        gold[r] = gold_of(r, logits.cols);
        factor[r] = 0.5f + (float)r;
    }
    kernels_get()->softmax_block_backward(&(softmax_block_gradient){.logits = logits,
                                                                    .gold = gold,
                                                                    .first = FIRST,
                                                                    .factor = factor,
                                                                    .uniform = 0.125f,
                                                                    .one = 0.75f,
                                                                    .sum = sum});
}

static void check_backward(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), logits = made_matrix_copy(x);
    float *sum = memory_create((size_t)cols, sizeof(float));
    double *expected = memory_create((size_t)cols, sizeof(double));
    double *sums = memory_create((size_t)cols, sizeof(double));

    for (int c = 0; c < cols; c++)
        sum[c] = 9.0f; /* is set, not added to */
    backward(logits, sum);
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
            bool gold = FIRST + c == gold_of(r, cols);
            expected[c] = matrix_row(x, r)[c] * (0.5 + r) - 0.125 - (gold ? 0.75 : 0.0);
            sums[c] += expected[c];
        }
        kernel_check_close("gradient", matrix_row(logits, r), expected, cols, 1e-6);
    }
    kernel_check_close("column sums", sum, sums, cols, 2e-6);
    made_matrix_check(logits, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(logits);
    memory_destroy(sum);
    memory_destroy(expected);
    memory_destroy(sums);
}

static void check_rows(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), whole = made_matrix_copy(x);
    float *bias = bias_create(cols);
    statistics all = forward(whole, bias);

    for (int r = 0; r < rows; r++) {
        matrix one = made_matrix_copy(matrix_rows(x, r, 1));
        statistics alone = forward(one, bias);
        kernel_check_bits("softmax_block_forward", whole, r, one);
        ck_assert(alone.sum[0] == all.sum[r] && alone.largest[0] == all.largest[r]);
        made_matrix_free(one);
    }
    made_matrix_free(x);
    made_matrix_free(whole);
    memory_destroy(bias);
}

/* Without sums, for predictions: only the biases are added. */
static void check_logits(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), logits = made_matrix_copy(x);
    float *bias = bias_create(cols), largest[MOST_ROWS];

    kernels_get()->softmax_block_forward(
        &(softmax_block){.logits = logits, .bias = bias, .first = FIRST, .largest = largest});
    for (int r = 0; r < rows; r++) {
        float expected = -INFINITY;
        for (int c = 0; c < cols; c++) {
            float logit = matrix_row(x, r)[c] + bias[c];
            expected = fmaxf(expected, logit);
            if (matrix_row(logits, r)[c] != logit)
                ck_abort_msg("logit %d of row %d is not its own plus the bias", c, r);
        }
        ck_assert(largest[r] == expected);
    }
    made_matrix_check(logits, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(logits);
    memory_destroy(bias);
}

static void check_extremes(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, 0, 1);
    float *bias = memory_create((size_t)cols, sizeof(float));

    for (int k = 0; k < rows * cols; k++)
        x.data[k] = 1e8f;
    statistics got = forward(x, bias);
    for (int r = 0; r < rows; r++)
        ck_assert(got.largest[r] == 1e8f && got.sum[r] == (float)cols);
    for (int k = 0; k < rows * cols; k++)
        x.data[k] = 1.0f;
    matrix_row(x, rows - 1)[cols / 2] = NAN;
    got = forward(x, bias);
    for (int r = 0; r < rows; r++)
        ck_assert(isnan(got.sum[r]) == (r == rows - 1));
    made_matrix_free(x);
    memory_destroy(bias);
}

START_TEST(exponentials_and_statistics_are_right)
{
    kernel_check(check_forward);
}
END_TEST

START_TEST(logits_stay_where_no_sum_is_wanted)
{
    kernel_check(check_logits);
}
END_TEST

START_TEST(gradients_are_right)
{
    kernel_check(check_backward);
}
END_TEST

START_TEST(rows_do_not_depend_on_their_neighbours)
{
    kernel_check(check_rows);
}
END_TEST

START_TEST(huge_logits_are_no_trouble_and_nan_shows)
{
    kernel_check(check_extremes);
}
END_TEST

static Suite *softmax_block_suite(void)
{
    Suite *suite = suite_create("tensor/softmax_block");
    TCase *tests = tcase_create("softmax_block");

    tcase_add_test(tests, exponentials_and_statistics_are_right);
    tcase_add_test(tests, logits_stay_where_no_sum_is_wanted);
    tcase_add_test(tests, gradients_are_right);
    tcase_add_test(tests, rows_do_not_depend_on_their_neighbours);
    tcase_add_test(tests, huge_logits_are_no_trouble_and_nan_shows);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(softmax_block_suite());
}

/* test_cross_entropy.c - label-smoothed loss and its gradient against double precision. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { MOST_ROWS = 5 };

/* What a call writes. */
typedef struct result {
    float loss[MOST_ROWS], nll[MOST_ROWS];
    uint8_t correct[MOST_ROWS];
    float *sum; /* [cols], owned */
} result;

static int32_t gold_of(int row, int cols)
{
    return (int32_t)((row * 53 + cols - 1) % cols);
}

static result call(matrix logits, double smoothing, float scale)
{
    int32_t gold[MOST_ROWS];
    result out = {.sum = memory_create((size_t)logits.cols, sizeof(float))};

    for (int r = 0; r < logits.rows; r++)
        gold[r] = gold_of(r, logits.cols);
    for (int c = 0; c < logits.cols; c++)
        out.sum[c] = 9.0f; /* is set, not added to */
    kernels_get()->cross_entropy(&(cross_entropy_args){.logits = logits,
                                                       .gold = gold,
                                                       .smoothing = (float)smoothing,
                                                       .scale = scale,
                                                       .loss = out.loss,
                                                       .nll = out.nll,
                                                       .correct = out.correct,
                                                       .sum = scale == 0.0f ? NULL : out.sum});
    return out;
}

/* x becomes p; returns the loss of gold and its -log p. */
static double row_loss(const float *logits, int cols, int gold, double e, double *p,
                       double *nll)
{
    double largest = logits[0], sum = 0.0, mean = 0.0;

    for (int c = 0; c < cols; c++)
        largest = fmax(largest, logits[c]);
    for (int c = 0; c < cols; c++)
        sum += p[c] = exp(logits[c] - largest);
    for (int c = 0; c < cols; c++) {
        p[c] /= sum;
        mean += (largest + log(sum) - logits[c]) / cols;
    }
    *nll = largest + log(sum) - logits[gold];
    return (1 - e) * *nll + e * mean;
}

static void compare(int rows, int cols, double e)
{
    const float scale = 0.125f;
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), logits = made_matrix_copy(x);
    double *p = memory_create((size_t)cols, sizeof(double));
    double *sum = memory_create((size_t)cols, sizeof(double));
    result alone = call(logits, e, 0.0f), got = call(logits, e, scale);

    for (int r = 0; r < rows; r++) {
        double nll, loss = row_loss(matrix_row(x, r), cols, gold_of(r, cols), e, p, &nll);
        kernel_check_close("loss", &got.loss[r], &loss, 1, 1e-6);
        kernel_check_close("nll", &got.nll[r], &nll, 1, 1e-6);
        kernel_check_close("loss without gradient", &alone.loss[r], &loss, 1, 1e-6);
        kernel_check_close("nll without gradient", &alone.nll[r], &nll, 1, 1e-6);
        for (int c = 0; c < cols; c++) {
            p[c] = scale * (p[c] - e / cols - (c == gold_of(r, cols) ? 1 - e : 0));
            sum[c] += p[c];
        }
        kernel_check_close("cross_entropy's gradient", matrix_row(logits, r), p, cols, 2e-7);
    }
    kernel_check_close("cross_entropy's sum", got.sum, sum, cols, 1e-6);
    made_matrix_check(logits, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(logits);
    memory_destroy(p);
    memory_destroy(sum);
    memory_destroy(alone.sum);
    memory_destroy(got.sum);
}

static void check_losses(int rows, int cols)
{
    compare(rows, cols, 0.0);
    compare(rows, cols, 0.1);
}

static void check_rows(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), logits = made_matrix_copy(x);
    result whole = call(logits, 0.1, 1.0f);

    for (int r = 0; r < rows; r++) {
        matrix one = made_matrix_copy(matrix_rows(x, r, 1));
        int32_t gold = gold_of(r, cols);
        float loss, nll;
        uint8_t correct;
        kernels_get()->cross_entropy(
            &(cross_entropy_args){one, &gold, 0.1f, 1.0f, &loss, &nll, &correct, whole.sum});
        kernel_check_bits("cross_entropy", logits, r, one);
        ck_assert(loss == whole.loss[r] && nll == whole.nll[r]);
        made_matrix_free(one);
    }
    made_matrix_free(x);
    made_matrix_free(logits);
    memory_destroy(whole.sum);
}

static void check_correct(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, 0, 1);

    for (int r = 0; r < rows; r++)
        matrix_row(x, r)[gold_of(r, cols)] = r % 2 ? 5.0f : -5.0f;
    result got = call(x, 0.0, 0.0f);
    for (int r = 0; r < rows; r++)
        ck_assert_int_eq(got.correct[r], r % 2 || cols == 1);
    made_matrix_free(x);
    memory_destroy(got.sum);
}

static void check_extremes(int rows, int cols)
{
    const float huge[] = {1e4f, -1e4f, 1e8f};
    matrix x = made_matrix_create(rows, cols, 0, 1);

    for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
        for (int k = 0; k < rows * cols; k++)
            x.data[k] = huge[i];
        result got = call(x, 0.0, 1.0f);
        for (int r = 0; r < rows; r++)
            /* A float of 1e8 has a spacing of 8. */
            ck_assert(fabs(got.nll[r] - log(cols)) <= 1e-6 * fabs(huge[i]));
        memory_destroy(got.sum);
    }
    for (int k = 0; k < rows * cols; k++)
        x.data[k] = 1.0f;
    matrix_row(x, rows - 1)[cols / 2] = NAN;
    result got = call(x, 0.1, 1.0f);
    for (int r = 0; r < rows; r++)
        ck_assert(isnan(got.loss[r]) == (r == rows - 1));
    memory_destroy(got.sum);
    made_matrix_free(x);
}

START_TEST(losses_and_gradients_are_right)
{
    kernel_check(check_losses);
}
END_TEST

START_TEST(rows_do_not_depend_on_their_neighbours)
{
    kernel_check(check_rows);
}
END_TEST

START_TEST(the_likeliest_symbol_is_found)
{
    kernel_check(check_correct);
}
END_TEST

START_TEST(huge_logits_are_no_trouble_and_nan_shows)
{
    kernel_check(check_extremes);
}
END_TEST

static Suite *cross_entropy_suite(void)
{
    Suite *suite = suite_create("tensor/cross_entropy");
    TCase *tests = tcase_create("cross_entropy");

    tcase_add_test(tests, losses_and_gradients_are_right);
    tcase_add_test(tests, rows_do_not_depend_on_their_neighbours);
    tcase_add_test(tests, the_likeliest_symbol_is_found);
    tcase_add_test(tests, huge_logits_are_no_trouble_and_nan_shows);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(cross_entropy_suite());
}

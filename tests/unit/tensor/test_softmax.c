/* test_softmax.c - attention weights against double precision, and the exponential in them. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/base/memory.h"
#include "made_matrix.h"
#include "unit_check.h"

/* Row r of x, of which `seen` columns are seen. */
static void softmax_row(const float *x, int seen, int cols, double *p)
{
    double largest = x[0], sum = 0.0;

    for (int c = 0; c < seen; c++)
        largest = fmax(largest, x[c]);
    for (int c = 0; c < cols; c++)
        sum += p[c] = c < seen ? exp(x[c] - largest) : 0.0;
    for (int c = 0; c < cols; c++)
        p[c] /= sum;
}

static void softmax_and_compare(int rows, int cols, int causal)
{
    matrix x = made_matrix_create(rows, cols, 0, 1), p = made_matrix_copy(x);
    matrix dy = made_matrix_create(rows, cols, 0, 2), dx = made_matrix_copy(dy);
    double *want = memory_create((size_t)cols, sizeof(double));

    kernels_get()->softmax_forward(p, causal);
    kernels_get()->softmax_backward(dx, p);
    for (int r = 0; r < rows; r++) {
        int seen = causal && r + 1 < cols ? r + 1 : cols;
        softmax_row(matrix_row(x, r), seen, cols, want);
        kernel_check_close("softmax_forward", matrix_row(p, r), want, cols, 5e-7);
        for (int c = seen; c < cols; c++)
            ck_assert(matrix_row(p, r)[c] == 0.0f);
        double sum = 0.0;
        for (int c = 0; c < cols; c++)
            sum += want[c] * matrix_row(dy, r)[c];
        for (int c = 0; c < cols; c++)
            want[c] *= matrix_row(dy, r)[c] - sum;
        kernel_check_close("softmax_backward", matrix_row(dx, r), want, cols, 2e-6);
    }
    memory_destroy(want);
    matrix all[] = {x, p, dy, dx};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

static void check_softmax(int rows, int cols)
{
    softmax_and_compare(rows, cols, 0);
    softmax_and_compare(rows, cols, 1);
    if (rows > 1 && cols <= 31)
        softmax_and_compare(cols + 2, cols, 1);
}

static void check_rows(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, 0, 1), p = made_matrix_copy(x);
    matrix dy = made_matrix_create(rows, cols, 0, 2), dx = made_matrix_copy(dy);

    kernels_get()->softmax_forward(p, 0);
    kernels_get()->softmax_backward(dx, p);
    for (int r = 0; r < rows; r++) {
        matrix one = made_matrix_copy(matrix_rows(x, r, 1));
        matrix done = made_matrix_copy(matrix_rows(dy, r, 1));
        kernels_get()->softmax_forward(one, 0);
        kernels_get()->softmax_backward(done, one);
        kernel_check_bits("softmax_forward", p, r, one);
        kernel_check_bits("softmax_backward", dx, r, done);
        made_matrix_free(one);
        made_matrix_free(done);
    }
    matrix all[] = {x, p, dy, dx};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

static void compare_exponential(float x, double got)
{
    double want = exp((double)x);

    ck_assert_msg(fabs(got / want - 1.0) < 5e-7, "%s: exp(%g) is %.9g, not %.9g",
                  kernels_get()->name, x, got, want);
}

/* exp(x) is the ratio of the weights of the logits x and 0, in a row of two and in one
 * that fills vectors. */
static void check_exponential(int rows, int cols)
{
    enum { STEPS = 2000 };
    float pair[2], row[STEPS + 1];

    if (rows > 1 || cols > 1)
        return;
    for (int i = 0; i <= STEPS; i++) {
        row[i] = -86.0f * (float)i / STEPS;
        pair[0] = 0.0f;
        pair[1] = row[i];
        kernels_get()->softmax_forward(matrix_view(pair, 1, 2), 0);
        compare_exponential(row[i], (double)pair[1] / pair[0]);
    }
    kernels_get()->softmax_forward(matrix_view(row, 1, STEPS + 1), 0);
    for (int i = 0; i <= STEPS; i++)
        compare_exponential(-86.0f * (float)i / STEPS, (double)row[i] / row[0]);
}

/* Logits far apart choose one column; of equal ones, however large, each has its share. */
static void check_huge(int rows, int cols)
{
    static const float huge[] = {1e4f, 1e30f, 3e38f, -1e4f, -1e30f, -3e38f};
    matrix x = made_matrix_create(rows, cols, 0, 1);

    for (size_t i = 0; i < sizeof(huge) / sizeof(huge[0]); i++) {
        made_matrix_fill(x, huge[i]);
        kernels_get()->softmax_forward(x, 0);
        for (int k = 0; k < rows * cols; k++)
            ck_assert(fabsf(x.data[k] * (float)cols - 1.0f) < 1e-5f);
        made_matrix_fill(x, -fabsf(huge[i]));
        for (int r = 0; r < rows; r++)
            matrix_row(x, r)[cols / 2] = fabsf(huge[i]) / 2;
        kernels_get()->softmax_forward(x, 0);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < cols; c++) {
                float got = matrix_row(x, r)[c];
                ck_assert(c == cols / 2 ? got == 1.0f : got >= 0.0f && got < 1e-37f);
            }
    }
    /* What a causal row may not see may be as large as it likes. */
    made_matrix_fill(x, 1e30f);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c <= r && c < cols; c++)
            matrix_row(x, r)[c] = 0.0f;
    kernels_get()->softmax_forward(x, 1);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            int seen = r + 1 < cols ? r + 1 : cols;
            float want = c < seen ? 1.0f / (float)seen : 0.0f;
            ck_assert(fabsf(matrix_row(x, r)[c] - want) < 1e-6f);
        }
    made_matrix_free(x);
}

/* What is not a number must not be hidden, of either sign. */
static void check_nan(int rows, int cols)
{
    const float bad[] = {NAN, -NAN, INFINITY};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        matrix x = made_matrix_create(rows, cols, 0, 1);
        matrix_row(x, rows - 1)[cols / 2] = bad[i];
        kernels_get()->softmax_forward(x, 0);
        for (int r = 0; r < rows; r++) {
            double sum = 0.0;
            for (int c = 0; c < cols; c++)
                sum += matrix_row(x, r)[c];
            ck_assert(r == rows - 1 ? isnan(sum) : fabs(sum - 1.0) < 1e-5);
        }
        made_matrix_free(x);
    }
}

START_TEST(softmax_is_right_forward_and_backward)
{
    kernel_check(check_softmax);
}
END_TEST

START_TEST(rows_do_not_depend_on_their_neighbours)
{
    kernel_check(check_rows);
}
END_TEST

START_TEST(the_exponential_is_accurate)
{
    kernel_check(check_exponential);
}
END_TEST

START_TEST(huge_logits_are_no_trouble)
{
    kernel_check(check_huge);
}
END_TEST

START_TEST(nan_and_infinity_show)
{
    kernel_check(check_nan);
}
END_TEST

static Suite *softmax_suite(void)
{
    Suite *suite = suite_create("tensor/softmax");
    TCase *tests = tcase_create("softmax");

    tcase_add_test(tests, softmax_is_right_forward_and_backward);
    tcase_add_test(tests, rows_do_not_depend_on_their_neighbours);
    tcase_add_test(tests, the_exponential_is_accurate);
    tcase_add_test(tests, huge_logits_are_no_trouble);
    tcase_add_test(tests, nan_and_infinity_show);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(softmax_suite());
}

/* test_activation.c - relu and gelu against double precision, forward and backward. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "unit_check.h"

static double gelu(double z)
{
    return 0.5 * z * (1.0 + erf(z * sqrt(0.5)));
}

static double gelu_slope(double z)
{
    const double pi = 3.14159265358979323846;

    return 0.5 * (1.0 + erf(z * sqrt(0.5))) + z * exp(-0.5 * z * z) / sqrt(2 * pi);
}

/* sum[c] against from[c] and the column's sum of x. */
static void compare_sums(const char *what, matrix x, const float *from, const float *sum)
{
    for (int c = 0; c < x.cols; c++) {
        double want = from[c];
        for (int r = 0; r < x.rows; r++)
            want += matrix_row(x, r)[c];
        kernel_check_close(what, &sum[c], &want, 1, 1e-6);
    }
}

static void relu_and_compare(int rows, int cols, const dropout *d)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), y = made_matrix_copy(x);
    matrix bias = made_matrix_create(1, cols, 0, 2);
    matrix dy = made_matrix_create(rows, cols, KERNEL_GAP, 3), dx = made_matrix_copy(dy);
    matrix sum = made_matrix_create(1, cols, KERNEL_GAP, 4), from = made_matrix_copy(sum);

    kernels_get()->bias_relu(y, bias.data, d);
    kernels_get()->relu_backward(dx, factor_of(y), d == NULL ? 1.0f : d->scale, sum.data);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            double mask = kernel_check_mask(d, r, c);
            double z = (double)matrix_row(x, r)[c] + bias.data[c];
            double want = z > 0 ? mask * z : 0.0;
            double slope = z > 0 ? mask * matrix_row(dy, r)[c] : 0.0;
            kernel_check_close("bias_relu", &matrix_row(y, r)[c], &want, 1, 1e-6);
            kernel_check_close("relu_backward", &matrix_row(dx, r)[c], &slope, 1, 1e-6);
        }
    compare_sums("relu_backward's sum", dx, from.data, sum.data);
    made_matrix_check(y, KERNEL_GAP);
    made_matrix_check(dx, KERNEL_GAP);
    made_matrix_check(sum, KERNEL_GAP);
    matrix all[] = {x, y, bias, dy, dx, sum, from};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

static void gelu_and_compare(int rows, int cols, const dropout *d)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), z = made_matrix_copy(x);
    matrix y = made_matrix_create(rows, cols, KERNEL_GAP, 5);
    matrix bias = made_matrix_create(1, cols, 0, 2);
    matrix dy = made_matrix_create(rows, cols, KERNEL_GAP, 3), dx = made_matrix_copy(dy);
    matrix sum = made_matrix_create(1, cols, KERNEL_GAP, 4), from = made_matrix_copy(sum);

    kernels_get()->bias_gelu(z, bias.data, y, d);
    kernels_get()->gelu_backward(dx, factor_of(z), false, d, sum.data);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            double mask = kernel_check_mask(d, r, c);
            double in = (double)matrix_row(x, r)[c] + bias.data[c];
            double want = mask * gelu(in);
            double slope = mask * gelu_slope(in) * matrix_row(dy, r)[c];
            kernel_check_close("bias_gelu's input", &matrix_row(z, r)[c], &in, 1, 1e-6);
            kernel_check_close("bias_gelu", &matrix_row(y, r)[c], &want, 1, 1e-6);
            kernel_check_close("gelu_backward", &matrix_row(dx, r)[c], &slope, 1, 1e-6);
        }
    compare_sums("gelu_backward's sum", dx, from.data, sum.data);
    made_matrix_check(y, KERNEL_GAP);
    made_matrix_check(dx, KERNEL_GAP);
    made_matrix_check(sum, KERNEL_GAP);
    matrix all[] = {x, z, y, bias, dy, dx, sum, from};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

/* The number in bfloat16 next to x, which is none of two that are as near. */
static uint16_t nearest(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (uint16_t)((bits + 0x8000u) >> 16);
}

/* What is rounded, as floats and as pairs, and what is taken as if it were. */
static void check_gelu_rounded(int rows, int columns)
{
    int cols = columns / 2 * 2;
    dropout d = kernel_check_dropout();
    matrix z = made_matrix_create(rows, cols, KERNEL_GAP, 1), floats = made_matrix_copy(z);
    matrix pairs = made_matrix_create(rows, cols / 2, KERNEL_GAP, 2);
    matrix dy = made_matrix_create(rows, cols, KERNEL_GAP, 3), sum = made_matrix_copy(dy);

    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            uint16_t number = nearest(matrix_row(z, r)[c]);
            uint32_t bits = (uint32_t)number << 16;
            memcpy(&matrix_row(floats, r)[c], &bits, sizeof(bits));
            memcpy((unsigned char *)matrix_row(pairs, r) + 2 * c, &number, sizeof(number));
        }
    const factor read[] = {factor_of(z), {pairs, true}};
    matrix want = made_matrix_copy(dy);
    kernels_get()->gelu_backward(want, factor_of(floats), false, &d, sum.data);
    for (int i = 0; i < 2; i++) {
        matrix dx = made_matrix_copy(dy);
        kernels_get()->gelu_backward(dx, read[i], true, &d, sum.data);
        for (int r = 0; r < rows; r++)
            kernel_check_bits("gelu_backward of rounded numbers", dx, r,
                              matrix_rows(want, r, 1));
        made_matrix_check(dx, KERNEL_GAP);
        made_matrix_free(dx);
    }
    matrix all[] = {z, floats, pairs, dy, sum, want};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

/* Each row has the same bits when it is worked on alone. */
static void compare_rows(int rows, int cols)
{
    dropout d = kernel_check_dropout();
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), relu = made_matrix_copy(x);
    matrix z = made_matrix_copy(x), y = made_matrix_copy(x), dx = made_matrix_copy(x);
    matrix bias = made_matrix_create(1, cols, 0, 2), sum = made_matrix_copy(bias);

    kernels_get()->bias_relu(relu, bias.data, &d);
    kernels_get()->bias_gelu(z, bias.data, y, &d);
    kernels_get()->gelu_backward(dx, factor_of(z), false, &d, sum.data);
    for (int r = 0; r < rows; r++) {
        dropout later = kernel_check_later(d, r);
        matrix in = matrix_rows(x, r, 1), one = made_matrix_copy(in),
               out = made_matrix_copy(in);
        kernels_get()->bias_relu(one, bias.data, &later);
        kernel_check_bits("bias_relu", relu, r, one);
        memcpy(one.data, in.data, (size_t)cols * sizeof(float));
        kernels_get()->bias_gelu(one, bias.data, out, &later);
        kernel_check_bits("bias_gelu", y, r, out);
        memcpy(out.data, in.data, (size_t)cols * sizeof(float));
        kernels_get()->gelu_backward(out, factor_of(one), false, &later, sum.data);
        kernel_check_bits("gelu_backward", dx, r, out);
        made_matrix_free(one);
        made_matrix_free(out);
    }
    matrix all[] = {x, relu, z, y, dx, bias, sum};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

static void check_relu(int rows, int cols)
{
    dropout d = kernel_check_dropout();

    relu_and_compare(rows, cols, NULL);
    relu_and_compare(rows, cols, &d);
}

static void check_gelu(int rows, int cols)
{
    dropout d = kernel_check_dropout();

    gelu_and_compare(rows, cols, NULL);
    gelu_and_compare(rows, cols, &d);
}

/* What is not a number must not be hidden; large inputs have the limits, and relu leaves no
 * denormal numbers. */
static void check_extremes(int rows, int cols)
{
    static const float extremes[] = {NAN, INFINITY, 1e30f, -1e30f, 40.0f, -40.0f, 0x1p-130f};
    matrix x = made_matrix_create(rows, cols, 0, 1), bias = made_matrix_create(1, cols, 0, 2);
    matrix y = made_matrix_copy(x);

    for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
        float v = extremes[i];
        for (int k = 0; k < rows * cols; k++)
            x.data[k] = v;
        memset(bias.data, 0, (size_t)cols * sizeof(float));
        kernels_get()->bias_gelu(x, bias.data, y, NULL);
        kernels_get()->bias_relu(x, bias.data, NULL);
        for (int k = 0; k < rows * cols; k++) {
            ck_assert(isnan(v) ? isnan(x.data[k]) : x.data[k] == (v < FLT_MIN ? 0.0f : v));
            ck_assert(isnan(v) ? isnan(y.data[k])
                               : y.data[k] == fmaxf(v, 0.0f) || fabsf(y.data[k]) < 1e-37f);
        }
    }
    made_matrix_free(x);
    made_matrix_free(bias);
    made_matrix_free(y);
}

START_TEST(relu_is_right)
{
    kernel_check(check_relu);
}
END_TEST

START_TEST(gelu_is_right)
{
    kernel_check(check_gelu);
}
END_TEST

START_TEST(gelu_takes_what_is_rounded)
{
    kernel_check(check_gelu_rounded);
}
END_TEST

START_TEST(rows_do_not_depend_on_their_neighbours)
{
    kernel_check(compare_rows);
}
END_TEST

START_TEST(extremes_are_right)
{
    kernel_check(check_extremes);
}
END_TEST

static Suite *activation_suite(void)
{
    Suite *suite = suite_create("tensor/activation");
    TCase *tests = tcase_create("activation");

    tcase_add_test(tests, relu_is_right);
    tcase_add_test(tests, gelu_is_right);
    tcase_add_test(tests, gelu_takes_what_is_rounded);
    tcase_add_test(tests, rows_do_not_depend_on_their_neighbours);
    tcase_add_test(tests, extremes_are_right);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(activation_suite());
}

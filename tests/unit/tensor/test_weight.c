/* test_weight.c - products with a weight and with runs of its rows, against sums in double
 * precision. */
#include <math.h>

#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/weight.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { GAP = 3, OUT = 20, IN = 17, BEFORE = 2 * IN + 5, FLOATS = BEFORE + OUT * IN + 7 };

static float floats[FLOATS];
static const weight_slab slab = {.values = floats};

/* The tensor [OUT, IN] that begins with float BEFORE; others stand around it. */
static weight create(void)
{
    gemm_open();
    made_floats(floats, FLOATS, 1, 1.0f);
    return weight_view(&slab, BEFORE, OUT, IN);
}

/* Its row `first + o`, column i. */
static double at(int first, int o, int i)
{
    return floats[BEFORE + (first + o) * IN + i];
}

static void fill(matrix m, float value)
{
    for (int r = 0; r < m.rows; r++)
        for (int c = 0; c < m.cols; c++)
            matrix_row(m, r)[c] = value;
}

/* `w` is rows [first, first + w.out) of the tensor. What y was does not matter. */
static void compare_forward(weight w, int first, int rows)
{
    matrix x = made_matrix_create(rows, IN, GAP, 2),
           y = made_matrix_create(rows, w.out, GAP, 3);

    fill(y, NAN);
    weight_forward(&w, x, y);
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < w.out; o++) {
            double sum = 0.0;
            for (int i = 0; i < IN; i++)
                sum += matrix_row(x, r)[i] * at(first, o, i);
            ck_assert_double_eq_tol(matrix_row(y, r)[o], sum, 1e-5);
        }
    made_matrix_check(y, GAP);
    made_matrix_free(x);
    made_matrix_free(y);
}

/* With beta 0 what dx was does not matter. */
static void compare_backward(weight w, int first, int rows, float beta)
{
    matrix dy = made_matrix_create(rows, w.out, GAP, 4);
    matrix dx = made_matrix_create(rows, IN, GAP, 5), old = made_matrix_copy(dx);

    if (beta == 0.0f)
        fill(dx, NAN);
    weight_backward(&w, dy, beta, dx);
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < IN; i++) {
            double sum = beta * matrix_row(old, r)[i];
            for (int o = 0; o < w.out; o++)
                sum += matrix_row(dy, r)[o] * at(first, o, i);
            ck_assert_double_eq_tol(matrix_row(dx, r)[i], sum, 1e-5);
        }
    made_matrix_check(dx, GAP);
    made_matrix_free(dy);
    made_matrix_free(dx);
    made_matrix_free(old);
}

static void compare(weight w, int first)
{
    static const int rows[] = {0, 1, 5, 40};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        compare_forward(w, first, rows[i]);
        compare_backward(w, first, rows[i], 0.0f);
        compare_backward(w, first, rows[i], 1.0f);
    }
}

START_TEST(products_of_a_whole_tensor)
{
    compare(create(), 0);
}
END_TEST

START_TEST(products_of_runs_of_rows)
{
    static const int runs[][2] = {{0, OUT}, {0, 1}, {OUT - 1, 1}, {3, 16}}; /* first, count */
    weight whole = create();

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        int first = runs[i][0], count = runs[i][1];
        weight some = weight_rows(whole, first, count);
        ck_assert_int_eq(some.out, count);
        ck_assert_int_eq(some.in, IN);
        compare(some, first);
    }
}
END_TEST

/* Wherever it begins, a run says which rows of which tensor it is. */
START_TEST(a_run_of_a_run)
{
    weight inner = weight_rows(weight_rows(create(), 4, 12), 3, 5);

    ck_assert_ptr_eq(inner.slab, &slab);
    ck_assert_uint_eq(inner.tensor, BEFORE);
    ck_assert_int_eq(inner.first, 7);
    compare(inner, 7);
}
END_TEST

/* No outputs: nothing of y is written, and dx gets a sum of nothing. */
START_TEST(an_empty_run)
{
    weight whole = create();

    compare(weight_rows(whole, 0, 0), 0);
    compare(weight_rows(whole, 9, 0), 9);
    compare(weight_rows(whole, OUT, 0), OUT);
}
END_TEST

/* A weight has no copy of the values: they may change under it. */
START_TEST(new_values_are_seen)
{
    weight some = weight_rows(create(), 2, 6);

    made_floats(floats, FLOATS, 9, 1.0f);
    compare(some, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/weight");
    TCase *tests = tcase_create("weight");

    tcase_add_test(tests, products_of_a_whole_tensor);
    tcase_add_test(tests, products_of_runs_of_rows);
    tcase_add_test(tests, a_run_of_a_run);
    tcase_add_test(tests, an_empty_run);
    tcase_add_test(tests, new_values_are_seen);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

/* test_weight.c - products with a weight and with runs of its rows, packed and not, against
 * sums in double precision. */
#include <math.h>
#include <string.h>

#include "kernel_check.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/product_clock.h"
#include "lockstep/tensor/weight.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { GAP = 3, OUT = 75, IN = 17, BEFORE = 2 * IN + 5, FLOATS = BEFORE + OUT * IN + 7 };

static float floats[FLOATS], packed[FLOATS + WEIGHT_PACKED_SLACK];
static weight_slab slab = {.values = floats, .packed_end = FLOATS};

/* The tensor [OUT, IN] that begins with float BEFORE; others stand around it. */
static weight create(void)
{
    gemm_open();
    made_floats(floats, FLOATS, 1, 1.0f);
    slab.packed = NULL;
    return weight_view(&slab, BEFORE, OUT, IN);
}

/* Its row `first + o`, column i. */
static double at(int first, int o, int i)
{
    return floats[BEFORE + (first + o) * IN + i];
}

static void expect(float got, double sum)
{
    if (!(fabs((double)got - sum) <= 1e-5)) /* asserting each would take Check seconds */
        ck_abort_msg("%.9g is not %.9g", got, sum);
}

/* `w` is rows [first, first + w.out) of the tensor. What y was does not matter. */
static void compare_forward(weight w, int first, int rows)
{
    matrix x = made_matrix_create(rows, IN, GAP, 2),
           y = made_matrix_create(rows, w.out, GAP, 3);

    made_matrix_fill(y, NAN);
    weight_forward(&w, factor_of(x), y);
    for (int r = 0; r < rows; r++)
        for (int o = 0; o < w.out; o++) {
            double sum = 0.0;
            for (int i = 0; i < IN; i++)
                sum += matrix_row(x, r)[i] * at(first, o, i);
            expect(matrix_row(y, r)[o], sum);
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
        made_matrix_fill(dx, NAN);
    weight_backward(&w, factor_of(dy), beta, dx);
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < IN; i++) {
            double sum = beta * matrix_row(old, r)[i];
            for (int o = 0; o < w.out; o++)
                sum += matrix_row(dy, r)[o] * at(first, o, i);
            expect(matrix_row(dx, r)[i], sum);
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

/* Its packed form, in the midst of NaN. */
static weight create_packed(void)
{
    weight w = create();

    for (int i = 0; i < FLOATS + WEIGHT_PACKED_SLACK; i++)
        packed[i] = NAN;
    weight_pack(&slab, BEFORE, OUT, IN, packed);
    slab.packed = packed;
    return w;
}

/* first, count: from the middle of a panel of 8, 16 or 32 and from its begin, across some. */
static const int packed_runs[][2] = {{0, OUT}, {0, 1},  {OUT - 1, 1}, {3, 16}, {31, 33},
                                     {32, 43}, {7, 68}, {40, 8},      {5, 0},  {OUT, 0}};
enum { PACKED_RUNS = sizeof(packed_runs) / sizeof(packed_runs[0]) };

static void check_packed(void)
{
    weight whole = create_packed();

    ck_assert_int_le(kernels_get()->panel, WEIGHT_PACKED_SLACK);
    for (int i = 0; i < PACKED_RUNS; i++)
        compare(weight_rows(whole, packed_runs[i][0], packed_runs[i][1]), packed_runs[i][0]);
    compare(weight_rows(weight_rows(whole, 4, 60), 13, 20), 17);
    for (int i = 0; i < BEFORE; i++)
        ck_assert(isnan(packed[i]));
    for (int i = BEFORE + OUT * IN; i < FLOATS + WEIGHT_PACKED_SLACK; i++)
        ck_assert(isnan(packed[i]));
}

START_TEST(packed_products_of_tensors_and_runs_of_rows)
{
    kernel_check_sets(check_packed);
}
END_TEST

/* `rows` rows of x with a run of the weight are those of the whole product. */
static void compare_part(weight whole, matrix x, matrix y, const int *run, int row, int rows)
{
    weight some = weight_rows(whole, run[0], run[1]);
    matrix part = made_matrix_create(rows, some.out, GAP, 6);

    weight_forward(&some, factor_of(matrix_rows(x, row, rows)), part);
    made_matrix_check(part, GAP);
    for (int r = 0; r < rows; r++)
        ck_assert_int_eq(memcmp(matrix_row(part, r), matrix_row(y, row + r) + run[0],
                                (size_t)some.out * sizeof(float)),
                         0);
    made_matrix_free(part);
}

static void check_packed_bits(void)
{
    weight whole = create_packed();
    matrix x = made_matrix_create(40, IN, GAP, 2), y = made_matrix_create(40, OUT, GAP, 3);

    weight_forward(&whole, factor_of(x), y);
    for (int i = 0; i < PACKED_RUNS; i++) {
        compare_part(whole, x, y, packed_runs[i], 0, 40);
        compare_part(whole, x, y, packed_runs[i], 9, 1);
        compare_part(whole, x, y, packed_runs[i], 20, 17);
    }
    made_matrix_free(x);
    made_matrix_free(y);
}

START_TEST(packed_rows_have_the_same_bits_in_any_product)
{
    kernel_check_sets(check_packed_bits);
}
END_TEST

/* Our own products have the bits of the packed form, and want it. */
static void check_native_bits(void)
{
    weight whole = create_packed();
    matrix x = made_matrix_create(40, IN, GAP, 2), y = made_matrix_create(40, OUT, GAP, 3),
           straight = made_matrix_copy(y);

    gemm_choose(GEMM_NATIVE);
    ck_assert(gemm_wants_packed());
    weight_forward(&whole, factor_of(x), y);
    slab.packed = NULL;
    weight_forward(&whole, factor_of(x), straight);
    gemm_choose(GEMM_OPENBLAS);
    ck_assert(!gemm_wants_packed());
    for (int r = 0; r < 40; r++)
        ck_assert_mem_eq(matrix_row(y, r), matrix_row(straight, r), OUT * sizeof(float));
    made_matrix_free(x);
    made_matrix_free(y);
    made_matrix_free(straight);
}

START_TEST(packed_products_have_the_bits_of_our_own)
{
    kernel_check_sets(check_native_bits);
}
END_TEST

/* The packed form is a copy: new values are not seen by it until they are packed. The way back
 * sees them. */
START_TEST(new_values_are_seen_where_they_are_read)
{
    weight whole = create_packed();
    matrix x = made_matrix_create(4, IN, GAP, 2), y = made_matrix_create(4, OUT, GAP, 3),
           again = made_matrix_copy(y);

    weight_forward(&whole, factor_of(x), y);
    made_floats(floats, FLOATS, 9, 1.0f);
    weight_forward(&whole, factor_of(x), again);
    for (int r = 0; r < 4; r++)
        ck_assert_mem_eq(matrix_row(y, r), matrix_row(again, r), OUT * sizeof(float));
    compare_backward(whole, 0, 4, 0.0f);
    compare_backward(weight_rows(whole, 7, 30), 7, 4, 1.0f);
    weight_pack(&slab, BEFORE, OUT, IN, packed);
    compare(whole, 0);
    slab.packed = NULL;
    made_floats(floats, FLOATS, 10, 1.0f);
    compare(whole, 0);
    made_matrix_free(x);
    made_matrix_free(y);
    made_matrix_free(again);
}
END_TEST

/* Only while it runs, and products and packing apart. */
START_TEST(the_clock_measures_products_and_packing)
{
    matrix x = made_matrix_create(40, IN, 0, 1), y = made_matrix_create(40, OUT, 0, 2);
    weight w = create();
    double seconds[3];

    for (int form = 0; form < 3; form++) {
        product_clock_run(form > 0);
        slab.packed = form == 2 ? packed : NULL;
        weight_forward(&w, factor_of(x), y);
        seconds[form] = product_clock_products();
        ck_assert_double_eq(product_clock_packing(), 0.0);
    }
    ck_assert_double_eq(seconds[0], 0.0);
    ck_assert_double_gt(seconds[1], 0.0);
    ck_assert_double_gt(seconds[2], 0.0);
    weight_pack(&slab, BEFORE, OUT, IN, packed);
    ck_assert_double_gt(product_clock_packing(), 0.0);
    ck_assert_double_eq(product_clock_products(), seconds[2]);
    product_clock_run(false);
    slab.packed = NULL;
    made_matrix_free(x);
    made_matrix_free(y);
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
    tcase_add_test(tests, packed_products_of_tensors_and_runs_of_rows);
    tcase_add_test(tests, packed_rows_have_the_same_bits_in_any_product);
    tcase_add_test(tests, packed_products_have_the_bits_of_our_own);
    tcase_add_test(tests, new_values_are_seen_where_they_are_read);
    tcase_add_test(tests, the_clock_measures_products_and_packing);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

/* test_weight_rounded.c - a weight whose numbers are rounded and laid once gives the bits of
 * one whose products do so each time, forward and backward, whole and by runs of its rows. */
#include <math.h>

#include "kernel_check.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/weight.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { GAP = 3, ROWS = 37, BEFORE = 11, MOST = 300 * 290, FLOATS = BEFORE + MOST + 1 };

static float floats[FLOATS], packed[FLOATS + WEIGHT_PACKED_SLACK];
static weight_slab plain = {.values = floats};
static weight_slab rounded = {
    .values = floats, .packed = packed, .rounded = true, .packed_end = FLOATS};

static const int shapes[][2] = {{96, 64}, {75, 40}, {33, 20}, {12, 64}, {300, 290}};

static void check_same(matrix a, matrix b)
{
    for (int r = 0; r < a.rows; r++)
        ck_assert_mem_eq(matrix_row(a, r), matrix_row(b, r), (size_t)a.cols * sizeof(float));
    made_matrix_check(a, GAP);
    made_matrix_free(a);
    made_matrix_free(b);
}

/* Rows [first, first + count) of the tensor [out, in]. */
static void compare(int out, int in, int first, int count)
{
    weight each = weight_rows(weight_view(&plain, BEFORE, out, in), first, count),
           once = weight_rows(weight_view(&rounded, BEFORE, out, in), first, count);
    matrix x = made_matrix_create(ROWS, in, GAP, 2),
           y = made_matrix_create(ROWS, count, GAP, 3), y_once = made_matrix_copy(y),
           dx = made_matrix_create(ROWS, in, GAP, 4), dx_once = made_matrix_copy(dx);

    weight_forward(&each, factor_of(x), y);
    weight_forward(&once, factor_of(x), y_once);
    for (int beta = 0; beta < 2; beta++) {
        weight_backward(&each, factor_of(y), (float)beta, dx);
        weight_backward(&once, factor_of(y), (float)beta, dx_once);
    }
    check_same(y_once, y);
    check_same(dx_once, dx);
    made_matrix_free(x);
}

static void compare_shape(int out, int in)
{
    for (int i = 0; i < FLOATS + WEIGHT_PACKED_SLACK; i++)
        packed[i] = NAN;
    weight_pack(&rounded, BEFORE, out, in, packed);
    ck_assert(isnan(packed[BEFORE - 1]) && isnan(packed[BEFORE + out * in]));
    compare(out, in, 0, out);
    compare(out, in, 0, out - 1);
    compare(out, in, 1, out - 1);
    compare(out, in, out, 0);
    if (out > 32)
        compare(out, in, 32, out - 32);
    if (out > 64)
        compare(out, in, 32, 32);
}

static void check_engines(void)
{
    static const gemm_engine engines[] = {GEMM_TILES, GEMM_PAIRS};

    for (int e = 0; e < 2; e++) {
        gemm_choose(engines[e]);
        ck_assert(gemm_rounds());
        for (size_t i = 0; gemm_wants_packed() && i < sizeof(shapes) / sizeof(shapes[0]); i++)
            compare_shape(shapes[i][0], shapes[i][1]);
    }
    gemm_choose(GEMM_NATIVE);
    ck_assert(!gemm_rounds());
}

START_TEST(what_is_laid_once_has_the_bits_of_what_is_laid_each_time)
{
    gemm_open();
    made_floats(floats, FLOATS, 1, 1.0f);
    kernel_check_sets(check_engines);
}
END_TEST

/* Until it is packed again. */
static void check_laid_is_read(void)
{
    enum { SIDE = 64 };
    weight once = weight_view(&rounded, BEFORE, SIDE, SIDE);
    matrix x = made_matrix_create(SIDE, SIDE, GAP, 2),
           y = made_matrix_create(SIDE, SIDE, GAP, 3), again = made_matrix_copy(y);

    gemm_choose(GEMM_PAIRS);
    if (kernels_get()->lay_both != NULL) {
        made_floats(floats, FLOATS, 1, 1.0f);
        weight_pack(&rounded, BEFORE, SIDE, SIDE, packed);
        weight_forward(&once, factor_of(x), y);
        made_floats(floats, FLOATS, 2, 1.0f);
        weight_forward(&once, factor_of(x), again);
    }
    check_same(again, y);
    made_matrix_free(x);
}

START_TEST(values_are_not_read_while_they_are_laid)
{
    gemm_open();
    kernel_check_sets(check_laid_is_read);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/weight_rounded");
    TCase *tests = tcase_create("weight_rounded");

    tcase_add_test(tests, what_is_laid_once_has_the_bits_of_what_is_laid_each_time);
    tcase_add_test(tests, values_are_not_read_while_they_are_laid);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

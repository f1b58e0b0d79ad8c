/* test_dropout.c - the mask is a function of place and seed, and drops the share it should. */
#include <math.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "unit_check.h"

static void check_mask(int rows, int cols)
{
    dropout d = kernel_check_dropout();
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), in = made_matrix_copy(x);

    kernels_get()->dropout_apply(x, &d);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++) {
            float mask = (float)kernel_check_mask(&d, r, c);
            ck_assert(matrix_row(x, r)[c] == mask * matrix_row(in, r)[c]);
        }
    made_matrix_check(x, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(in);
}

START_TEST(the_mask_follows_its_definition)
{
    kernel_check(check_mask);
}
END_TEST

/* The share of a mask that differs between two dropouts, of those where both keep nothing
 * or all alike it is 2 * rate * (1 - rate). */
static double share_of_difference(dropout a, dropout b)
{
    enum { ROWS = 64, COLS = 256 };
    int differ = 0;

    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLS; c++)
            differ += kernel_check_mask(&a, r, c) != kernel_check_mask(&b, r, c);
    return (double)differ / (ROWS * COLS);
}

START_TEST(every_part_of_the_place_counts)
{
    dropout d = kernel_check_dropout();
    dropout others[] = {d, d, d, d, d, d};

    others[0].seed ^= 1;
    others[1].seed ^= (uint64_t)1 << 63;
    others[2].draw ^= 1 << 23;
    others[3].site ^= 1 << 15;
    others[4].grain ^= 1;
    others[5].row ^= 1u << 31;
    ck_assert_double_eq(share_of_difference(d, d), 0.0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        ck_assert_double_eq_tol(share_of_difference(d, others[i]), 2 * 0.25 * 0.75, 0.02);
}
END_TEST

START_TEST(the_share_that_is_dropped_is_the_rate)
{
    static const double rates[] = {0.02, 0.1, 0.5, 0.9};
    enum { ROWS = 1000, COLS = 300 };

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        dropout d = {.threshold = (uint32_t)(rates[i] * 65536.0), .scale = 2.0f, .seed = 3};
        matrix x = made_matrix_create(ROWS, COLS, 0, 1);
        int dropped = 0;
        for (int k = 0; k < ROWS * COLS; k++)
            x.data[k] = 1.0f;
        kernels_get()->dropout_apply(x, &d);
        for (int k = 0; k < ROWS * COLS; k++)
            dropped += x.data[k] == 0.0f;
        double share = (double)dropped / (ROWS * COLS);
        double deviation = sqrt(rates[i] * (1 - rates[i]) / (ROWS * COLS));
        ck_assert_double_eq_tol(share, rates[i], 5 * deviation);
        made_matrix_free(x);
    }
}
END_TEST

static Suite *dropout_suite(void)
{
    Suite *suite = suite_create("tensor/dropout");
    TCase *tests = tcase_create("dropout");

    tcase_add_test(tests, the_mask_follows_its_definition);
    tcase_add_test(tests, every_part_of_the_place_counts);
    tcase_add_test(tests, the_share_that_is_dropped_is_the_rate);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(dropout_suite());
}

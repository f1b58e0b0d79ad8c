/* test_kernels.c - the choice of a set; additions, column sums, embedding rows and places. */
#include <string.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "unit_check.h"

static const char *const all_sets[] = {"amx", "bf16", "v4", "v3", "v2", "native"};

START_TEST(the_best_set_is_chosen_without_a_name)
{
    const char *best = NULL;

    for (size_t s = 0; best == NULL && s < sizeof(all_sets) / sizeof(all_sets[0]); s++)
        if (kernels_open(all_sets[s]) == STATUS_OK)
            best = all_sets[s];
    ck_assert_ptr_nonnull(best);
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_str_eq(kernels_get()->name, best);
    ck_assert_int_eq(kernels_open(""), STATUS_OK);
    ck_assert_str_eq(kernels_get()->name, best);
}
END_TEST

START_TEST(an_unknown_set_is_refused_and_changes_nothing)
{
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    const kernels *before = kernels_get();
    ck_assert_int_eq(kernels_open("v5"), STATUS_USAGE);
    ck_assert_ptr_nonnull(strstr(error_message(), "v5"));
    ck_assert_ptr_eq(kernels_get(), before);
}
END_TEST

static void check_bias_add(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 1), in = made_matrix_copy(x);
    matrix bias = made_matrix_create(1, cols, 0, 2);

    kernels_get()->bias_add(x, bias.data);
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++)
            ck_assert(matrix_row(x, r)[c] == matrix_row(in, r)[c] + bias.data[c]);
    made_matrix_check(x, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(in);
    made_matrix_free(bias);
}

static void check_column_sums(int rows, int cols)
{
    matrix x = made_matrix_create(rows, cols, KERNEL_GAP, 3);
    matrix sum = made_matrix_create(1, cols, KERNEL_GAP, 4); /* is set, not added to */

    kernels_get()->column_sums(x, sum.data);
    for (int c = 0; c < cols; c++) {
        double want = 0.0;
        for (int r = 0; r < rows; r++)
            want += matrix_row(x, r)[c];
        kernel_check_close("column_sums", &sum.data[c], &want, 1, 1e-6);
    }
    kernels_get()->column_sums(matrix_rows(x, 0, 0), sum.data);
    for (int c = 0; c < cols; c++)
        ck_assert(sum.data[c] == 0.0f);
    made_matrix_check(sum, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(sum);
}

static void check_additions(int rows, int cols)
{
    matrix x = made_matrix_create(1, rows * cols, KERNEL_GAP, 5), in = made_matrix_copy(x);
    matrix y = made_matrix_create(1, rows * cols, 0, 6);

    kernels_get()->add(x.data, y.data, (size_t)x.cols);
    for (int i = 0; i < x.cols; i++)
        ck_assert(x.data[i] == in.data[i] + y.data[i]);
    made_matrix_check(x, KERNEL_GAP);
    kernels_get()->add_scaled(in.data, y.data, 3.0f, (size_t)x.cols);
    for (int i = 0; i < x.cols; i++) {
        double want = x.data[i] + 2.0 * y.data[i];
        kernel_check_close("add_scaled", &in.data[i], &want, 1, 1e-6);
    }
    made_matrix_check(in, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(in);
    made_matrix_free(y);
}

static void embed_and_compare(int cols, const dropout *d)
{
    static const int32_t ids[] = {3, 0, 3, 9, 5}, places[] = {0, 1, 2, 6, 0};
    enum { ROWS = sizeof(ids) / sizeof(ids[0]) };
    matrix table = made_matrix_create(10, cols, 0, 7);
    matrix positions = made_matrix_create(7, cols, 0, 8);
    matrix y = made_matrix_create(ROWS, cols, KERNEL_GAP, 9);
    matrix alone = made_matrix_create(1, cols, 0, 9);

    kernels_get()->embed(table.data, ids, 5.0f, positions.data, places, d, y);
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < cols; c++) {
            double want =
                5.0 * matrix_row(table, ids[r])[c] + matrix_row(positions, places[r])[c];
            want *= kernel_check_mask(d, r, c);
            kernel_check_close("embed", &matrix_row(y, r)[c], &want, 1, 1e-6);
        }
        dropout later = kernel_check_later(d == NULL ? (dropout){0} : *d, r);
        kernels_get()->embed(table.data, &ids[r], 5.0f, positions.data, &places[r],
                             d == NULL ? NULL : &later, alone);
        kernel_check_bits("embed", y, r, alone);
    }
    made_matrix_check(y, KERNEL_GAP);
    made_matrix_free(table);
    made_matrix_free(positions);
    made_matrix_free(y);
    made_matrix_free(alone);
}

static void check_embed(int rows, int cols)
{
    dropout d = kernel_check_dropout();

    (void)rows;
    embed_and_compare(cols, NULL);
    embed_and_compare(cols, &d);
}

static void check_place_add(int rows, int cols)
{
    const int32_t places[] = {0, 1, 2, 6, 0};
    enum { ROWS = sizeof(places) / sizeof(places[0]) };
    dropout d = kernel_check_dropout();
    matrix x = made_matrix_create(ROWS, cols, KERNEL_GAP, 7), in = made_matrix_copy(x);
    matrix bias = made_matrix_create(1, cols, 0, 8);
    matrix positions = made_matrix_create(7, cols, 0, 9), alone = made_matrix_copy(x);

    (void)rows;
    kernels_get()->place_add(x, bias.data, positions.data, places, &d);
    for (int r = 0; r < ROWS; r++) {
        dropout later = kernel_check_later(d, r);
        for (int c = 0; c < cols; c++) {
            double want = (double)matrix_row(in, r)[c] + bias.data[c] +
                          matrix_row(positions, places[r])[c];
            want *= kernel_check_mask(&d, r, c);
            kernel_check_close("place_add", &matrix_row(x, r)[c], &want, 1, 1e-6);
        }
        matrix one = matrix_rows(alone, r, 1);
        kernels_get()->place_add(one, bias.data, positions.data, &places[r], &later);
        kernel_check_bits("place_add", x, r, one);
    }
    made_matrix_check(x, KERNEL_GAP);
    made_matrix_free(x);
    made_matrix_free(in);
    made_matrix_free(bias);
    made_matrix_free(positions);
    made_matrix_free(alone);
}

START_TEST(a_bias_is_added_to_every_row)
{
    kernel_check(check_bias_add);
}
END_TEST

START_TEST(column_sums_are_set)
{
    kernel_check(check_column_sums);
}
END_TEST

START_TEST(floats_are_added)
{
    kernel_check(check_additions);
}
END_TEST

START_TEST(rows_are_looked_up)
{
    kernel_check(check_embed);
}
END_TEST

START_TEST(places_are_added)
{
    kernel_check(check_place_add);
}
END_TEST

static Suite *kernels_suite(void)
{
    Suite *suite = suite_create("tensor/kernels");
    TCase *tests = tcase_create("kernels");

    tcase_add_test(tests, the_best_set_is_chosen_without_a_name);
    tcase_add_test(tests, an_unknown_set_is_refused_and_changes_nothing);
    tcase_add_test(tests, a_bias_is_added_to_every_row);
    tcase_add_test(tests, column_sums_are_set);
    tcase_add_test(tests, floats_are_added);
    tcase_add_test(tests, rows_are_looked_up);
    tcase_add_test(tests, places_are_added);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(kernels_suite());
}

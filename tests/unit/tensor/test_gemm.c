/* test_gemm.c - the three products against sums in double precision. */
#include <dirent.h>
#include <math.h>
#include <stdbool.h>

#include "lockstep/tensor/gemm.h"
#include "made_matrix.h"
#include "unit_check.h"

enum { GAP = 3 };

typedef void (*multiplication)(float alpha, matrix a, matrix b, float beta, matrix c);

/* Element (r, c) of a or of its transpose. */
static double at(matrix a, bool transposed, int r, int c)
{
    return transposed ? matrix_row(a, c)[r] : matrix_row(a, r)[c];
}

static void compare(multiplication multiply, bool ta, bool tb, int m, int n, int k)
{
    matrix a = made_matrix_create(ta ? k : m, ta ? m : k, GAP, 1);
    matrix b = made_matrix_create(tb ? n : k, tb ? k : n, GAP, 2);
    matrix c = made_matrix_create(m, n, GAP, 3), old = made_matrix_copy(c);
    matrix set = made_matrix_copy(c);

    for (int r = 0; r < m; r++) /* with beta 0 what was there does not matter */
        for (int col = 0; col < n; col++)
            matrix_row(set, r)[col] = NAN;
    multiply(0.5f, a, b, 2.0f, c);
    multiply(0.5f, a, b, 0.0f, set);
    for (int r = 0; r < m; r++)
        for (int col = 0; col < n; col++) {
            double sum = 0.0;
            for (int i = 0; i < k; i++)
                sum += 0.5 * at(a, ta, r, i) * at(b, tb, i, col);
            ck_assert_double_eq_tol(matrix_row(set, r)[col], sum, 1e-5);
            sum += 2.0 * matrix_row(old, r)[col];
            ck_assert_double_eq_tol(matrix_row(c, r)[col], sum, 1e-5);
        }
    made_matrix_check(c, GAP);
    made_matrix_check(set, GAP);
    matrix all[] = {a, b, c, old, set};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

START_TEST(products_are_right)
{
    static const int sizes[][3] = {{1, 1, 1},   {1, 130, 17}, {7, 5, 3},  {16, 16, 16},
                                   {17, 33, 8}, {64, 1, 31},  {0, 4, 3},  {4, 0, 3},
                                   {3, 4, 0},   {1, 1, 0},    {40, 40, 1}};

    gemm_open();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        int m = sizes[i][0], n = sizes[i][1], k = sizes[i][2];
        compare(gemm_nt, false, true, m, n, k);
        compare(gemm_nn, false, false, m, n, k);
        compare(gemm_tn, true, false, m, n, k);
    }
}
END_TEST

/* Views without a gap, as the packed matrices of an empty grain are. */
START_TEST(an_empty_product_clears)
{
    float c[6] = {1, 2, 3, 4, 5, 6}, none[1] = {0};

    gemm_open();
    gemm_nt(1.0f, matrix_view(none, 2, 0), matrix_view(none, 3, 0), 0.0f, matrix_view(c, 2, 3));
    for (int i = 0; i < 6; i++)
        ck_assert(c[i] == 0.0f);
    c[5] = 7.0f;
    gemm_tn(1.0f, matrix_view(none, 0, 2), matrix_view(none, 0, 3), 1.0f, matrix_view(c, 2, 3));
    ck_assert(c[5] == 7.0f);
    gemm_tn(1.0f, matrix_view(none, 0, 2), matrix_view(none, 0, 3), 0.0f, matrix_view(c, 2, 3));
    ck_assert(c[5] == 0.0f);
}
END_TEST

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = -2; /* . and .. */

    ck_assert_ptr_nonnull(tasks);
    while (readdir(tasks) != NULL)
        count++;
    closedir(tasks);
    return count;
}

/* Whichever flavour of OpenBLAS it is: the threads are ours. */
START_TEST(a_product_starts_no_threads)
{
    matrix a = made_matrix_create(512, 512, 0, 1), b = made_matrix_create(512, 512, 0, 2);
    matrix c = made_matrix_create(512, 512, 0, 3);

    gemm_open();
    int before = count_threads();
    gemm_nt(1.0f, a, b, 0.0f, c);
    ck_assert_int_eq(count_threads(), before);
    made_matrix_free(a);
    made_matrix_free(b);
    made_matrix_free(c);
}
END_TEST

static Suite *gemm_suite(void)
{
    Suite *suite = suite_create("tensor/gemm");
    TCase *tests = tcase_create("gemm");

    tcase_add_test(tests, products_are_right);
    tcase_add_test(tests, an_empty_product_clears);
    tcase_add_test(tests, a_product_starts_no_threads);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(gemm_suite());
}

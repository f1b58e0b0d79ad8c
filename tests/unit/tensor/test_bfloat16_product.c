/* test_bfloat16_product.c - products in bfloat16: every element is summed as is written down,
 * to the bit, in every instruction set. */
#include <math.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "product_check.h"
#include "unit_check.h"

enum { TILE_GROUP = 32, GAP = 5 };

/* The last ones take more than there is room for at a time. */
static const int sizes[][3] = {{1, 1, 1},     {7, 5, 3},     {17, 33, 8},   {0, 4, 3},
                               {3, 4, 0},     {6, 16, 32},   {12, 32, 33},  {5, 40, 31},
                               {13, 67, 64},  {66, 33, 64},  {26, 70, 97},  {13, 20, 700},
                               {1, 64, 1056}, {198, 1, 992}, {1, 1026, 514}};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static float flushed(float x)
{
    return fabsf(x) < 0x1p-126f ? copysignf(0.0f, x) : x;
}

/* To the nearer of the neighbours above and below, on a tie that with an even last bit. */
static float rounded(float x)
{
    union {
        float value;
        uint32_t bits;
    } below = {flushed(x)}, above;

    if (!isfinite(x) || below.value == 0.0f)
        return isnan(x) ? x : below.value;
    below.bits &= 0xffff0000u;
    above.bits = below.bits + 0x10000u;
    double left = fabs((double)x) - fabs((double)below.value);
    double right = fabs((double)above.value) - fabs((double)x);
    if (isinf(above.value))
        right = 0x1p128 - fabs((double)x);
    bool up = left > right || (left == right && (below.bits & 0x10000u) != 0);
    return up ? above.value : below.value;
}

/* A factor's element, rounded; 0 beyond its inner indices. */
static float element_of(matrix m, bool turned, int row, int column, bool is_there)
{
    return is_there ? rounded(product_factor(m, turned, row, column)) : 0.0f;
}

/* What is multiplied and added to an element's sum. */
static float added(const product *p, int depth, int row, int column, int k, float sum)
{
    return flushed(fmaf(element_of(p->a.floats, p->a_turned, row, k, k < depth),
                        element_of(p->b.floats, p->b_turned, k, column, k < depth), sum));
}

static float begun(const product *p, float before)
{
    return p->beta == 0.0f ? 0.0f : flushed(p->beta / p->alpha * flushed(before));
}

static float tile_element(const product *p, int depth, int row, int column, float before)
{
    float sum = begun(p, before);

    for (int group = 0; group < depth; group += TILE_GROUP) {
        float half[2] = {0.0f, 0.0f};
        for (int k = group; k < group + TILE_GROUP; k++)
            half[k % 2] = added(p, depth, row, column, k, half[k % 2]);
        sum = flushed(sum + flushed(half[0] + half[1]));
    }
    return flushed(p->alpha * sum);
}

static float pair_element(const product *p, int depth, int row, int column, float before)
{
    float sum = begun(p, before);

    for (int k = 0; k < depth; k += 2) {
        sum = added(p, depth, row, column, k + 1, sum);
        sum = added(p, depth, row, column, k, sum);
    }
    return flushed(p->alpha * sum);
}

static void multiply_tiles(const product *p)
{
    kernels_get()->tiles_product(p);
}

static void multiply_pairs(const product *p)
{
    kernels_get()->pairs_product(p);
}

/* By tiles that are no registers (kernels/tile.h). */
void tiles_product_tiles_in_c(const product *p);
void lay_both_tiles_in_c(matrix w, float *laid);
void round_tiles_in_c(matrix x, const float *bias, matrix pairs);

/* The same by what of b was laid before, which is then no longer there to be read. */
static void multiply_laid(void (*multiply)(const product *p),
                          void (*lay_both)(matrix w, float *laid), const product *p)
{
    product from_laid = *p;
    matrix b = made_matrix_copy(p->b.floats);
    int rows = b.rows / LAID_GROUP * LAID_GROUP, cols = b.cols / LAID_GROUP * LAID_GROUP;
    matrix laid = made_matrix_create(1, rows * cols + 1, 0, 1);
    float *pairs = laid.data, last = laid.data[rows * cols];

    lay_both(b, pairs);
    ck_assert_float_eq(pairs[rows * cols], last);
    made_matrix_fill(matrix_cols(matrix_rows(b, 0, rows), 0, cols), NAN);
    from_laid.b = factor_of(b);
    from_laid.b_laid =
        p->b_turned
            ? (laid_factor){pairs, rows, cols, (size_t)cols * LAID_GROUP / 2}
            : (laid_factor){pairs + rows * cols / 2, cols, rows, (size_t)rows * LAID_GROUP / 2};
    multiply(&from_laid);
    made_matrix_free(laid);
    made_matrix_free(b);
}

static void multiply_laid_tiles(const product *p)
{
    multiply_laid(multiply_tiles, kernels_get()->lay_both, p);
}

static void multiply_laid_pairs(const product *p)
{
    multiply_laid(multiply_pairs, kernels_get()->lay_both, p);
}

static void multiply_laid_tiles_in_c(const product *p)
{
    multiply_laid(tiles_product_tiles_in_c, lay_both_tiles_in_c, p);
}

static const product_arithmetic tiles = {multiply_tiles, tile_element},
                                pairs = {multiply_pairs, pair_element},
                                tiles_in_c = {tiles_product_tiles_in_c, tile_element},
                                laid_tiles = {multiply_laid_tiles, tile_element},
                                laid_pairs = {multiply_laid_pairs, pair_element},
                                laid_tiles_in_c = {multiply_laid_tiles_in_c, tile_element};

static void check_forms(const product_arithmetic *by)
{
    product_check_forms(by, sizes, SIZES, 1.0f, 0.0f);
    product_check_forms(by, sizes, SIZES, 0.3f, 0.0f);
    product_check_forms(by, sizes, SIZES, 1.0f, 1.0f);
    product_check_forms(by, sizes, SIZES, 0.5f, 2.0f);
    product_check(by, (product){.alpha = 1.0f}, 401, 34, 260);
    product_check(by, (product){.alpha = 1.0f, .a_turned = true}, 790, 3, 40);
}

static void check_sums(void)
{
    check_forms(&tiles);
    check_forms(&pairs);
}

START_TEST(every_element_is_summed_in_its_order)
{
    kernel_check_sets(check_sums);
    check_forms(&tiles_in_c);
}
END_TEST

static void check_laid(void)
{
    if (kernels_get()->has_tiles)
        check_forms(&laid_tiles);
    if (kernels_get()->lay_both != NULL)
        check_forms(&laid_pairs);
}

START_TEST(factors_that_were_laid_before_give_the_same)
{
    kernel_check_sets(check_laid);
    check_forms(&laid_tiles_in_c);
}
END_TEST

/* The same of factors that were rounded before, those with an even number of columns. */
static factor round_factor(void (*round)(matrix x, const float *bias, matrix pairs), matrix m)
{
    matrix made = made_matrix_create(m.rows, m.cols / 2, GAP, 4);

    if (m.cols % 2 != 0) {
        made_matrix_free(made);
        return factor_of(made_matrix_copy(m));
    }
    round(m, NULL, made);
    made_matrix_check(made, GAP);
    return (factor){made, true};
}

static void multiply_rounded(void (*multiply)(const product *p),
                             void (*round)(matrix x, const float *bias, matrix pairs),
                             const product *p)
{
    product all = *p;

    all.a = round_factor(round, p->a.floats);
    all.b = round_factor(round, p->b.floats);
    multiply(&all);
    made_matrix_free(all.a.floats);
    made_matrix_free(all.b.floats);
}

static void multiply_rounded_tiles(const product *p)
{
    multiply_rounded(multiply_tiles, kernels_get()->round, p);
}

static void multiply_rounded_pairs(const product *p)
{
    multiply_rounded(multiply_pairs, kernels_get()->round, p);
}

static void multiply_rounded_tiles_in_c(const product *p)
{
    multiply_rounded(tiles_product_tiles_in_c, round_tiles_in_c, p);
}

/* Rounded rows by laid columns: whole blocks of rows are read where they stand. */
static void multiply_rounded_rows(void (*by_laid)(const product *p),
                                  void (*round)(matrix x, const float *bias, matrix pairs),
                                  const product *p)
{
    product all = *p;

    all.a = round_factor(round, p->a.floats);
    by_laid(&all);
    made_matrix_free(all.a.floats);
}

static void multiply_rows_laid_tiles(const product *p)
{
    multiply_rounded_rows(multiply_laid_tiles, kernels_get()->round, p);
}

static void multiply_rows_laid_pairs(const product *p)
{
    multiply_rounded_rows(multiply_laid_pairs, kernels_get()->round, p);
}

static void multiply_rows_laid_tiles_in_c(const product *p)
{
    multiply_rounded_rows(multiply_laid_tiles_in_c, round_tiles_in_c, p);
}

static const product_arithmetic rounded_tiles = {multiply_rounded_tiles, tile_element},
                                rounded_pairs = {multiply_rounded_pairs, pair_element},
                                rounded_tiles_in_c = {multiply_rounded_tiles_in_c,
                                                      tile_element},
                                rows_laid_tiles = {multiply_rows_laid_tiles, tile_element},
                                rows_laid_pairs = {multiply_rows_laid_pairs, pair_element},
                                rows_laid_tiles_in_c = {multiply_rows_laid_tiles_in_c,
                                                        tile_element};

static void check_rounded(void)
{
    if (kernels_get()->has_tiles) {
        check_forms(&rounded_tiles);
        check_forms(&rows_laid_tiles);
    }
    if (kernels_get()->round != NULL) {
        check_forms(&rounded_pairs);
        check_forms(&rows_laid_pairs);
    }
}

START_TEST(factors_that_were_rounded_before_give_the_same)
{
    kernel_check_sets(check_rounded);
    check_forms(&rounded_tiles_in_c);
    check_forms(&rows_laid_tiles_in_c);
}
END_TEST

/* Ties, numbers that overflow or vanish when they are rounded or multiplied, zeros of both
 * signs, infinities and NaN. */
static void check_extremes_by(const product_arithmetic *by)
{
    static const float values[] = {
        0.0f,           -0.0f,           0x1p-149f,   -0x1.8p-130f,   0x1p-126f, 0x1.fep-120f,
        -0x1p-70f,      0x1p-60f,        0x1.01p0f,   0x1.03p0f,      -0x1.02p0, 0x1.010002p0f,
        0x1.fefffep30f, -0x1.fffffep63f, 0x1.fep127f, 0x1.fffffep127, INFINITY,  NAN};
    enum { COUNT = sizeof(values) / sizeof(values[0]), DEPTH = 5 };
    matrix a = made_matrix_create(COUNT * COUNT, DEPTH, 0, 1),
           b = made_matrix_create(DEPTH, COUNT * COUNT, 0, 2);
    product p = {.a = factor_of(a), .b = factor_of(b), .alpha = 1.0f, .beta = 1.0f};

    p.c = made_matrix_create(COUNT * COUNT, COUNT * COUNT, 0, 3);
    for (int i = 0; i < COUNT * COUNT; i++)
        for (int k = 0; k < DEPTH; k++) {
            matrix_row(a, i)[k] = values[(i / (k % 2 == 0 ? 1 : COUNT) + k / 2) % COUNT];
            matrix_row(b, k)[i] = values[(i / (k % 2 == 0 ? COUNT : 1) + 3 * k) % COUNT];
        }
    for (int i = 0; i < COUNT * COUNT; i++)
        matrix_row(p.c, i)[i] = values[i % COUNT];
    matrix before = made_matrix_copy(p.c);
    by->multiply(&p);
    product_check_elements(by, &p, before);
    matrix all[] = {a, b, p.c, before};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        made_matrix_free(all[i]);
}

static void check_extremes(void)
{
    check_extremes_by(&tiles);
    check_extremes_by(&pairs);
}

START_TEST(extremes_are_what_float32_makes_of_them)
{
    kernel_check_sets(check_extremes);
    check_extremes_by(&tiles_in_c);
}
END_TEST

/* Denormal numbers are left out of these products, and of nothing else. */
static void check_denormals(void)
{
    matrix a = made_matrix_create(1, 1, 0, 1), c = made_matrix_create(1, 1, 0, 2);
    factor f = factor_of(a);
    volatile float small = 0x1p-126f;

    multiply_tiles(&(product){.a = f, .b = f, .alpha = 1.0f, .c = c});
    multiply_pairs(&(product){.a = f, .b = f, .alpha = 1.0f, .c = c});
    ck_assert(small / 2.0f > 0.0f);
    made_matrix_free(a);
    made_matrix_free(c);
}

START_TEST(denormal_numbers_are_there_afterwards)
{
    kernel_check_sets(check_denormals);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/bfloat16_product");
    TCase *tests = tcase_create("bfloat16_product");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_element_is_summed_in_its_order);
    tcase_add_test(tests, factors_that_were_laid_before_give_the_same);
    tcase_add_test(tests, factors_that_were_rounded_before_give_the_same);
    tcase_add_test(tests, extremes_are_what_float32_makes_of_them);
    tcase_add_test(tests, denormal_numbers_are_there_afterwards);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

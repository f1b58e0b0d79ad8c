/* test_product.c - our own products: every element is one chain of multiply-adds, to the bit,
 * in every instruction set, whatever its size and form. */
#include <math.h>

#include "kernel_check.h"
#include "made_matrix.h"
#include "product_check.h"
#include "unit_check.h"

/* Around the sizes of blocks, panels and runs of the inner index. */
static const int sizes[][3] = {{1, 1, 1},     {1, 130, 17},  {7, 5, 3},     {16, 16, 16},
                               {17, 33, 8},   {64, 1, 31},   {0, 4, 3},     {4, 0, 3},
                               {3, 4, 0},     {1, 1, 0},     {40, 40, 1},   {6, 16, 330},
                               {12, 32, 161}, {13, 67, 700}, {13, 530, 20}, {650, 9, 40},
                               {30, 96, 70},  {26, 70, 33},  {48, 32, 64}};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static float chain(const product *p, int depth, int row, int column, float before)
{
    volatile float sum = p->beta == 0.0f ? 0.0f : p->beta / p->alpha * before;

    for (int k = 0; k < depth; k++)
        sum = fmaf(product_factor(p->a.floats, p->a_turned, row, k),
                   product_factor(p->b.floats, p->b_turned, k, column), sum);
    return p->alpha * sum;
}

static void multiply(const product *p)
{
    kernels_get()->product(p);
}

static const product_arithmetic chains = {multiply, chain};

static void check_chains(void)
{
    product_check_forms(&chains, sizes, SIZES, 1.0f, 0.0f);
    product_check_forms(&chains, sizes, SIZES, 0.3f, 0.0f);
    product_check_forms(&chains, sizes, SIZES, 1.0f, 1.0f);
    product_check_forms(&chains, sizes, SIZES, 0.5f, 2.0f);
}

START_TEST(every_element_is_one_chain_of_multiply_adds)
{
    kernel_check_sets(check_chains);
}
END_TEST

/* More rows than a strip has; whole panels, which are kept as they are read; several runs. */
static void check_strips(void)
{
    for (int form = 0; form < 4; form++) {
        product p = {.a_turned = form % 2 != 0, .b_turned = form / 2 != 0, .alpha = 1.0f};
        product_check(&chains, p, 310, 68, 320);
        product_check(&chains, p, 26, 70, 1030);
    }
}

START_TEST(strips_are_like_blocks)
{
    kernel_check_sets(check_strips);
}
END_TEST

/* Sums that nearly cancel, get lost, overflow, or have fewer bits than others. */
static void check_extremes(void)
{
    static const float values[] = {0.0f,           -0.0f,    0x1p-149f,       0x1.8p-130f,
                                   -0x1p-126f,     0x1p-75f, -0x1p-74f,       0x1p-24f,
                                   -0x1p-25f,      1.0f,     0x1.000002p0f,   -0x1.fffffep-1f,
                                   0x1.555556p20f, 0x1p64f,  -0x1.fffffep63f, 0x1.fffffep127f};
    enum { COUNT = sizeof(values) / sizeof(values[0]), DEPTH = 4, SIDE = COUNT * COUNT };
    matrix a = made_matrix_create(SIDE, DEPTH, 0, 1), b = made_matrix_create(DEPTH, SIDE, 0, 2);
    product p = {.a = factor_of(a),
                 .b = factor_of(b),
                 .alpha = 1.0f,
                 .c = made_matrix_create(SIDE, SIDE, 0, 3)};

    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < DEPTH; k++) {
            matrix_row(a, i)[k] = values[(i / (k % 2 == 0 ? 1 : COUNT) + k / 2) % COUNT];
            matrix_row(b, k)[i] = values[(i / (k % 2 == 0 ? COUNT : 1) + 3 * k) % COUNT];
        }
    matrix before = made_matrix_copy(p.c);
    multiply(&p);
    product_check_elements(&chains, &p, before);
    made_matrix_free(before);
    made_matrix_free(a);
    made_matrix_free(b);
    made_matrix_free(p.c);
}

START_TEST(extremes_are_rounded_once_too)
{
    kernel_check_sets(check_extremes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/product");
    TCase *tests = tcase_create("product");

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_element_is_one_chain_of_multiply_adds);
    tcase_add_test(tests, strips_are_like_blocks);
    tcase_add_test(tests, extremes_are_rounded_once_too);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

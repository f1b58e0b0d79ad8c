/* test_arithmetic.c - one bit of one result is enough to tell two arithmetics apart. */
#include "lockstep/tensor/arithmetic.h"

#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/tensor/core.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/kernels.h"
#include "unit_check.h"

enum { COUNT = 1000 };

static void flip(float *value, int bit)
{
    uint32_t bits;

    memcpy(&bits, value, sizeof(bits));
    bits ^= (uint32_t)1 << bit;
    memcpy(value, &bits, sizeof(bits));
}

START_TEST(one_bit_anywhere_changes_the_hash)
{
    float a[37 * 20], b[27 * 20], product[COUNT];

    for (int i = 0; i < 37 * 20; i++)
        a[i] = (float)(i % 13) / 7.0f;
    for (int i = 0; i < 27 * 20; i++)
        b[i] = (float)(i % 11) / 3.0f - 1.0f;
    memset(product, 0, sizeof(product));
    gemm_nt(1.0f, matrix_view(a, 37, 20), matrix_view(b, 27, 20), 0.0f,
            matrix_view(product, 37, 27));
    uint64_t hash = arithmetic_hash(product, COUNT);
    for (int i = 0; i < COUNT; i++)
        for (int bit = 0; bit < 32; bit++) {
            flip(&product[i], bit);
            ck_assert(arithmetic_hash(product, COUNT) != hash);
            flip(&product[i], bit);
        }
    ck_assert(arithmetic_hash(product, COUNT) == hash);
    ck_assert(arithmetic_hash(product, COUNT - 1) != hash);
}
END_TEST

START_TEST(cores_differ_and_one_core_agrees_with_itself)
{
    uint64_t one, two;

    gemm_open();
    ck_assert_int_eq(arithmetic_products(&one), STATUS_OK);
    ck_assert_int_eq(arithmetic_products(&two), STATUS_OK);
    ck_assert(one == two);
    if (!core_take("Haswell") || arithmetic_products(&one) != STATUS_OK ||
        !core_take("Prescott"))
        return;
    ck_assert_int_eq(arithmetic_products(&two), STATUS_OK);
    ck_assert(one != two);
}
END_TEST

START_TEST(all_sets_of_kernels_have_one_arithmetic)
{
    uint64_t first[2], other[2];

    gemm_choose(GEMM_NATIVE);
    ck_assert_int_eq(kernels_open(NULL), STATUS_OK);
    ck_assert_int_eq(arithmetic_kernels(&first[0]), STATUS_OK);
    ck_assert_int_eq(arithmetic_products(&first[1]), STATUS_OK);
    for (const char *const *name = kernels_list(); *name != NULL; name++) {
        if (kernels_open(*name) != STATUS_OK)
            continue;
        ck_assert_int_eq(arithmetic_kernels(&other[0]), STATUS_OK);
        ck_assert_int_eq(arithmetic_products(&other[1]), STATUS_OK);
        ck_assert_msg(first[0] == other[0] && first[1] == other[1], "%s has other bits", *name);
    }
    gemm_choose(GEMM_OPENBLAS);
}
END_TEST

START_TEST(no_memory)
{
    uint64_t hash;

    memory_fail_after(1);
    ck_assert_int_eq(arithmetic_products(&hash), STATUS_NOMEM);
    memory_fail_after(1);
    ck_assert_int_eq(arithmetic_kernels(&hash), STATUS_NOMEM);
    memory_fail_after(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/arithmetic");
    TCase *tests = tcase_create("arithmetic");

    tcase_add_test(tests, one_bit_anywhere_changes_the_hash);
    tcase_add_test(tests, cores_differ_and_one_core_agrees_with_itself);
    tcase_add_test(tests, all_sets_of_kernels_have_one_arithmetic);
    tcase_add_test(tests, no_memory);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

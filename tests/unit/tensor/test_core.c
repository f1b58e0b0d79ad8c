/* test_core.c - OpenBLAS takes the core that it is told, and multiplies with it. */
#include "lockstep/tensor/core.h"

#include <stdlib.h>
#include <string.h>

#include "lockstep/tensor/arithmetic.h"
#include "lockstep/tensor/gemm.h"
#include "lockstep/tensor/processor.h"
#include "unit_check.h"

START_TEST(the_processor_has_a_name_and_a_level)
{
    char name[128] = "", cut[4];

    processor_name(name, sizeof(name));
    ck_assert_int_gt((int)strlen(name), 2);
    processor_name(cut, sizeof(cut));
    ck_assert_int_eq((int)strlen(cut), 3);
    ck_assert_int_eq(strncmp(name, cut, 3), 0);
    ck_assert_str_ne(processor_level_name(processor_level_get()), "");
}
END_TEST

START_TEST(the_core_suits_the_processor)
{
    gemm_open();
    ck_assert_str_ne(core_name(), "");
    ck_assert(core_pinned() || core_suits());
}
END_TEST

/* Each one that the processor has can be had, and back. */
START_TEST(any_core_of_the_list_can_be_taken)
{
    char first[64];
    uint64_t before, after;

    gemm_open();
    strcpy(first, core_name());
    ck_assert_int_eq(arithmetic_products(&before), STATUS_OK);
    for (const char *const *name = core_list(); *name != NULL; name++) {
        if (!core_take(*name))
            continue;
        ck_assert_str_eq(core_name(), *name);
        ck_assert_int_eq(arithmetic_products(&after), STATUS_OK);
    }
    ck_assert(core_take(first));
    ck_assert_int_eq(arithmetic_products(&after), STATUS_OK);
    ck_assert(before == after);
    ck_assert_ptr_null(getenv("OPENBLAS_CORETYPE"));
}
END_TEST

START_TEST(a_core_that_is_not_there_changes_nothing)
{
    gemm_open();
    char first[64];
    strcpy(first, core_name());
    ck_assert(!core_take("NoSuchCore"));
    ck_assert_str_eq(core_name(), first);
}
END_TEST

/* What a library that does not know the processor leaves behind. */
START_TEST(less_than_the_processor_has_is_mended)
{
    if (!core_take("Prescott"))
        return; /* no x86-64, or a library of one core */
    ck_assert(core_suits() == (processor_level_get() == PROCESSOR_BASE));
    core_open();
    ck_assert(core_suits());
    if (processor_level_get() == PROCESSOR_AVX512)
        ck_assert_str_eq(core_name(), "SkylakeX");
    if (processor_level_get() == PROCESSOR_AVX2)
        ck_assert_str_eq(core_name(), "Haswell");
}
END_TEST

START_TEST(a_pinned_core_stays)
{
    if (!core_take("Prescott"))
        return;
    setenv("OPENBLAS_CORETYPE", "Prescott", 1);
    ck_assert(core_pinned());
    core_open();
    ck_assert_str_eq(core_name(), "Prescott");
    setenv("OPENBLAS_CORETYPE", "", 1);
    ck_assert(!core_pinned());
    unsetenv("OPENBLAS_CORETYPE");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor/core");
    TCase *tests = tcase_create("core");

    tcase_add_test(tests, the_processor_has_a_name_and_a_level);
    tcase_add_test(tests, the_core_suits_the_processor);
    tcase_add_test(tests, any_core_of_the_list_can_be_taken);
    tcase_add_test(tests, a_core_that_is_not_there_changes_nothing);
    tcase_add_test(tests, less_than_the_processor_has_is_mended);
    tcase_add_test(tests, a_pinned_core_stays);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

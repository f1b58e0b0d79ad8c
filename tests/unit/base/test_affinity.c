/* test_affinity.c - cores of this process, of another, and of both together. */
#include "lockstep/base/affinity.h"

#include <unistd.h>

#include "unit_check.h"

START_TEST(a_process_has_cores)
{
    affinity mine = affinity_get(0), same = affinity_get(getpid());

    ck_assert_int_ge(affinity_count(&mine), 1);
    affinity_add(&same, &mine);
    ck_assert_int_eq(affinity_count(&same), affinity_count(&mine));
}
END_TEST

START_TEST(cores_are_counted_once)
{
    affinity a = {{5}}, b = {{4, 1}};

    b.cores[AFFINITY_WORDS - 1] = (uint64_t)1 << 63;
    affinity_add(&a, &b);
    ck_assert_int_eq(affinity_count(&a), 4);
    ck_assert_int_eq(affinity_count(&b), 3);
}
END_TEST

START_TEST(of_no_process_nothing_is_known)
{
    affinity none = affinity_get(0x7ffffff0);

    ck_assert_int_eq(affinity_count(&none), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/affinity");
    TCase *tests = tcase_create("affinity");

    tcase_add_test(tests, a_process_has_cores);
    tcase_add_test(tests, cores_are_counted_once);
    tcase_add_test(tests, of_no_process_nothing_is_known);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

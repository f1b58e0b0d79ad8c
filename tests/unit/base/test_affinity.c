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

START_TEST(a_list_of_the_kernel_is_read)
{
    affinity some = affinity_parse("0-3,64,70-71\n"), none = affinity_parse("\n"),
             broken = affinity_parse("2,x,5"), beyond = affinity_parse("4095-99999999");

    ck_assert_int_eq(affinity_count(&some), 7);
    ck_assert(some.cores[0] == 15 && some.cores[1] == 193);
    ck_assert_int_eq(affinity_count(&none), 0);
    ck_assert(affinity_count(&broken) == 1 && broken.cores[0] == 4);
    ck_assert_int_eq(affinity_count(&beyond), 1);
}
END_TEST

START_TEST(sets_are_compared)
{
    affinity a = affinity_parse("1,65"), b = affinity_parse("1-3,64-65"),
             c = affinity_parse("66,2");

    ck_assert(affinity_within(&a, &b) && !affinity_within(&b, &a) && affinity_within(&a, &a));
    ck_assert(affinity_meets(&b, &c) && affinity_meets(&c, &b) && !affinity_meets(&a, &c));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/affinity");
    TCase *tests = tcase_create("affinity");

    tcase_add_test(tests, a_process_has_cores);
    tcase_add_test(tests, cores_are_counted_once);
    tcase_add_test(tests, of_no_process_nothing_is_known);
    tcase_add_test(tests, a_list_of_the_kernel_is_read);
    tcase_add_test(tests, sets_are_compared);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

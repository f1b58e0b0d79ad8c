/* test_settle.c - ranks with different kernels settle on the best that all have. */
#include "settle.h"

#include <string.h>

#include "mpi_check.h"

/* Kernels that do nothing but have names; this rank has those from `best_of_mine` on. */
static const char *const names[] = {"good", "fair", "plain", NULL};
static const char *in_use;
static int best_of_mine, tried;
static const char *odd; /* gives this rank other bits than the rest */

static const char *name(void)
{
    return in_use;
}

static bool take(const char *wanted)
{
    tried++;
    for (int i = best_of_mine; names[i] != NULL; i++)
        if (strcmp(names[i], wanted) == 0) {
            in_use = names[i];
            return true;
        }
    return false;
}

static status hash(uint64_t *out)
{
    *out = strlen(in_use) + (odd != NULL && strcmp(odd, in_use) == 0);
    return STATUS_OK;
}

static status hash_alike(uint64_t *out)
{
    *out = 7;
    return STATUS_OK;
}

/* `best` is what this rank has and uses. */
static settling prepare(int best, bool pinned, const char *odd_one)
{
    best_of_mine = best;
    in_use = names[best];
    odd = odd_one;
    tried = 0;
    return (settling){"the kind", "KIND", pinned, names, name, take, hash, false};
}

static bool last(void)
{
    return world_rank(test_world) == world_size(test_world) - 1;
}

static bool alone(void)
{
    return world_size(test_world) == 1;
}

START_TEST(where_all_are_alike_nothing_is_tried)
{
    settling s = prepare(1, false, NULL);

    ck_assert_all(settle(test_world, &s) == STATUS_OK);
    ck_assert_all(tried == 0 && strcmp(in_use, "fair") == 0);
}
END_TEST

START_TEST(the_best_that_all_have)
{
    settling s = prepare(last() ? 1 : 0, false, NULL);

    ck_assert_all(settle(test_world, &s) == STATUS_OK);
    ck_assert_all(strcmp(in_use, "fair") == 0);
}
END_TEST

START_TEST(where_all_are_alike_but_in_name_nothing_is_tried)
{
    settling s = prepare(last() ? 1 : 0, false, NULL);

    s.alike = true;
    s.hash = hash_alike;
    ck_assert_all(settle(test_world, &s) == STATUS_OK);
    ck_assert_all(tried == 0 && strcmp(in_use, names[last() ? 1 : 0]) == 0);
}
END_TEST

START_TEST(a_pin_decides)
{
    settling s = prepare(0, false, NULL);

    if (last()) {
        s.pinned = true;
        in_use = "plain";
    }
    ck_assert_all(settle(test_world, &s) == STATUS_OK);
    ck_assert_all(strcmp(in_use, "plain") == 0);
}
END_TEST

START_TEST(two_pins_that_differ_are_refused)
{
    settling s = prepare(last() ? 1 : 0, true, NULL);
    status settled = settle(test_world, &s);

    ck_assert_all(settled == (alone() ? STATUS_OK : STATUS_USAGE));
}
END_TEST

START_TEST(a_pin_that_a_rank_lacks_is_refused)
{
    settling s = prepare(last() ? 0 : 1, last(), NULL);
    status settled = settle(test_world, &s);

    ck_assert_all(settled == (alone() ? STATUS_OK : STATUS_USAGE));
}
END_TEST

/* The name is the same, the bits are not. */
START_TEST(bits_decide_not_names)
{
    settling s = prepare(0, false, last() ? "good" : NULL);

    ck_assert_all(settle(test_world, &s) == STATUS_OK);
    ck_assert_all(strcmp(in_use, alone() ? "good" : "fair") == 0);
    s = prepare(2, false, last() ? "plain" : NULL);
    ck_assert_all(settle(test_world, &s) == (alone() ? STATUS_OK : STATUS_USAGE));
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("settle");
    TCase *group = tcase_create("settle");

    tcase_add_test(group, where_all_are_alike_nothing_is_tried);
    tcase_add_test(group, where_all_are_alike_but_in_name_nothing_is_tried);
    tcase_add_test(group, the_best_that_all_have);
    tcase_add_test(group, a_pin_decides);
    tcase_add_test(group, two_pins_that_differ_are_refused);
    tcase_add_test(group, a_pin_that_a_rank_lacks_is_refused);
    tcase_add_test(group, bits_decide_not_names);
    suite_add_tcase(suite, group);
    return suite;
}

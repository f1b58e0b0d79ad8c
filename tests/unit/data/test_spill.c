/* test_spill.c */
#include "spill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit_check.h"

static char folder[] = "/tmp/lockstep-spill-XXXXXX";
static char path[64];

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/x.h5", folder);
}

static void teardown(void)
{
    ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(what_was_added_comes_back)
{
    enum { VALUES = 50000, ROOM = 4096 };
    spill *values;
    size_t size;
    int got[ROOM], expected = 0;

    ck_assert_int_eq(spill_create(&values, path), STATUS_OK);
    for (int i = 0; i < VALUES; i++)
        ck_assert_int_eq(spill_add(values, &i, sizeof(i)), STATUS_OK);
    ck_assert_int_eq(spill_rewind(values), STATUS_OK);
    do {
        ck_assert_int_eq(spill_next(values, got, sizeof(got), &size), STATUS_OK);
        for (size_t i = 0; i < size / sizeof(*got); i++)
            ck_assert_int_eq(got[i], expected++);
    } while (size > 0);
    ck_assert_int_eq(expected, VALUES);
    spill_destroy(values);
}
END_TEST

START_TEST(several_live_at_once_without_names)
{
    spill *first, *second;
    char got[8];
    size_t size;

    ck_assert_int_eq(spill_create(&first, path), STATUS_OK);
    ck_assert_int_eq(spill_create(&second, path), STATUS_OK);
    ck_assert_int_eq(spill_add(first, "one", 3), STATUS_OK);
    ck_assert_int_eq(spill_add(second, "two", 3), STATUS_OK);
    ck_assert_int_eq(rmdir(folder), 0); /* empty already */
    ck_assert_int_eq(spill_rewind(first), STATUS_OK);
    ck_assert_int_eq(spill_next(first, got, sizeof(got), &size), STATUS_OK);
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(got, "one", 3);
    spill_destroy(first);
    spill_destroy(second);
    ck_assert_int_eq(spill_create(&first, path), STATUS_IO);
    ck_assert_ptr_nonnull(strstr(error_message(), path));
    ck_assert_ptr_null(first);
    ck_assert_int_eq(mkdir(folder, 0700), 0); /* for the teardown */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spill");
    TCase *group = tcase_create("spill");

    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, what_was_added_comes_back);
    tcase_add_test(group, several_live_at_once_without_names);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

/* test_string_table.c */
#include "lockstep/base/string_table.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

START_TEST(thousands_are_found_by_text_and_number)
{
    string_table table = {0};
    char text[32];

    for (int i = 0; i < 5000; i++) {
        int size = snprintf(text, sizeof(text), "s%d", i * 7);

        ck_assert_int_eq(string_table_find(&table, text, (size_t)size), -1);
        ck_assert_int_eq(string_table_add(&table, text, (size_t)size), STATUS_OK);
    }
    ck_assert_uint_eq(table.count, 5000);
    for (int i = 0; i < 5000; i++) {
        int size = snprintf(text, sizeof(text), "s%d", i * 7);

        ck_assert_int_eq(string_table_find(&table, text, (size_t)size), i);
        ck_assert_str_eq(string_table_at(&table, (size_t)i), text);
    }
    string_table_free(&table);
}
END_TEST

START_TEST(a_prefix_is_another_string)
{
    string_table table = {0};

    ck_assert_int_eq(string_table_find(&table, "ab", 2), -1);
    ck_assert_int_eq(string_table_add(&table, "abc", 3), STATUS_OK);
    ck_assert_int_eq(string_table_add(&table, "", 0), STATUS_OK);
    ck_assert_int_eq(string_table_find(&table, "ab", 2), -1);
    ck_assert_int_eq(string_table_find(&table, "abcd", 4), -1);
    ck_assert_int_eq(string_table_find(&table, "abcd", 3), 0);
    ck_assert_int_eq(string_table_find(&table, "", 0), 1);
    string_table_free(&table);
}
END_TEST

START_TEST(the_first_of_two_is_found)
{
    string_table table = {0};

    ck_assert_int_eq(string_table_add(&table, "x", 1), STATUS_OK);
    ck_assert_int_eq(string_table_add(&table, "x", 1), STATUS_OK);
    ck_assert_uint_eq(table.count, 2);
    ck_assert_int_eq(string_table_find(&table, "x", 1), 0);
    string_table_free(&table);
}
END_TEST

START_TEST(no_memory_is_a_status)
{
    for (size_t n = 1; n <= 3; n++) {
        string_table table = {0};

        memory_fail_after(n);
        ck_assert_int_eq(string_table_add(&table, "x", 1), STATUS_NOMEM);
        memory_fail_after(0);
        ck_assert_uint_eq(table.count, 0);
        string_table_free(&table);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("string_table");
    TCase *group = tcase_create("string_table");

    tcase_add_test(group, thousands_are_found_by_text_and_number);
    tcase_add_test(group, a_prefix_is_another_string);
    tcase_add_test(group, the_first_of_two_is_found);
    tcase_add_test(group, no_memory_is_a_status);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

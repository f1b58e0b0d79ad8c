/* test_word_table.c - words become numbers, characters code points. */
#include "lockstep/metrics/word_table.h"

#include <stdio.h>

#include "lockstep/metrics/code_point.h"
#include "unit_check.h"

START_TEST(numbers_equal_words_alike)
{
    word_table table = {0};
    tokens out = {0};
    const int32_t expected[] = {0, 1, 0, 2, 1, 3};

    ck_assert_int_eq(word_table_add(&table, " the cat the ", &out), STATUS_OK);
    ck_assert_int_eq(word_table_add(&table, "mat\u3000cat\u00a0ca", &out), STATUS_OK);
    ck_assert_int_eq(out.count, 6);
    ck_assert_mem_eq(out.items, expected, sizeof(expected));
    tokens_free(&out);
    word_table_free(&table);
}
END_TEST

START_TEST(grows)
{
    word_table table = {0};
    tokens out = {0};
    char word[16];

    for (int i = 0; i < 10000; i++) {
        snprintf(word, sizeof(word), "w%d", i % 5000);
        ck_assert_int_eq(word_table_add(&table, word, &out), STATUS_OK);
        ck_assert_int_eq(out.items[i], i % 5000);
    }
    ck_assert_int_eq(table.words, 5000);
    tokens_free(&out);
    word_table_free(&table);
}
END_TEST

START_TEST(decodes_utf8)
{
    const char *text = "a\u00e9\u20ac\U0001f600\xff\xe2\x82";
    const int32_t expected[] = {'a', 0xe9, 0x20ac, 0x1f600, 0xff, 0xe2, 0x82};

    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(code_point_next(&text), expected[i]);
    ck_assert_int_eq(code_point_next(&text), 0);
    ck_assert_int_eq(code_point_next(&text), 0);
}
END_TEST

START_TEST(joins_characters)
{
    tokens with = {0}, without = {0};

    ck_assert_int_eq(tokens_add_characters(&with, " a  b ", true), STATUS_OK);
    ck_assert_int_eq(tokens_add_characters(&without, " a  b ", false), STATUS_OK);
    ck_assert_int_eq(with.count, 3);
    ck_assert_int_eq(with.items[1], ' ');
    ck_assert_int_eq(without.count, 2);
    tokens_free(&with);
    tokens_free(&without);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/word_table");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, numbers_equal_words_alike);
    tcase_add_test(tests, grows);
    tcase_add_test(tests, decodes_utf8);
    tcase_add_test(tests, joins_characters);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

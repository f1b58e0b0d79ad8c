/* test_tokens.c - words become numbers, characters code points. */
#include "lockstep/metrics/tokens.h"

#include <stdio.h>

#include "unit_check.h"

START_TEST(numbers_equal_words_alike)
{
    string_table numbers = {0};
    tokens out = {0};
    const int32_t expected[] = {0, 1, 0, 2, 1, 3};

    ck_assert_int_eq(tokens_add_words(&out, " the cat the ", &numbers), STATUS_OK);
    ck_assert_int_eq(tokens_add_words(&out, "mat\u3000cat\u00a0ca", &numbers), STATUS_OK);
    ck_assert_int_eq(out.count, 6);
    ck_assert_mem_eq(out.items, expected, sizeof(expected));
    tokens_free(&out);
    string_table_free(&numbers);
}
END_TEST

START_TEST(grows)
{
    string_table numbers = {0};
    tokens out = {0};
    char word[16];

    for (int i = 0; i < 10000; i++) {
        snprintf(word, sizeof(word), "w%d", i % 5000);
        ck_assert_int_eq(tokens_add_words(&out, word, &numbers), STATUS_OK);
        ck_assert_int_eq(out.items[i], i % 5000);
    }
    ck_assert_uint_eq(numbers.count, 5000);
    tokens_free(&out);
    string_table_free(&numbers);
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
    Suite *suite = suite_create("metrics/tokens");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, numbers_equal_words_alike);
    tcase_add_test(tests, grows);
    tcase_add_test(tests, joins_characters);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

/* test_utf8.c */
#include "lockstep/text/utf8.h"

#include <string.h>

#include "unit_check.h"

static size_t check_text(const char *text)
{
    return utf8_check(text, strlen(text));
}

START_TEST(valid_text_passes)
{
    ck_assert_uint_eq(utf8_check("", 0), 0);
    ck_assert_uint_eq(check_text("plain"), 5);
    ck_assert_uint_eq(check_text("\xc3\xb1\xe2\x82\xac\xf0\x9f\x98\x80"), 9);
    ck_assert_uint_eq(check_text("\xf4\x8f\xbf\xbf"), 4); /* U+10FFFF */
}
END_TEST

START_TEST(the_first_bad_byte_is_found)
{
    ck_assert_uint_eq(check_text("ab\xff"), 2);
    ck_assert_uint_eq(check_text("a\x80"), 1);            /* no lead byte */
    ck_assert_uint_eq(check_text("\xc0\xaf"), 0);         /* overlong */
    ck_assert_uint_eq(check_text("\xe0\x80\xaf"), 0);     /* overlong */
    ck_assert_uint_eq(check_text("x\xed\xa0\x80"), 1);    /* surrogate */
    ck_assert_uint_eq(check_text("\xf4\x90\x80\x80"), 0); /* too large */
    ck_assert_uint_eq(check_text("abc\xe2\x82"), 3);      /* cut short */
    ck_assert_uint_eq(utf8_check("a\0b", 3), 1);
}
END_TEST

START_TEST(code_points_are_walked)
{
    int32_t code_point;

    ck_assert_int_eq(utf8_step("A", 1, &code_point), 1);
    ck_assert_int_eq(code_point, 'A');
    ck_assert_int_eq(utf8_step("\xc3\xb1x", 3, &code_point), 2);
    ck_assert_int_eq(code_point, 0xf1);
    ck_assert_int_eq(utf8_step("\xf0\x9f\x98\x80", 4, &code_point), 4);
    ck_assert_int_eq(code_point, 0x1f600);
}
END_TEST

START_TEST(white_space_is_that_of_unicode)
{
    static const int32_t spaces[] = {' ',    '\t',   '\n',   '\v',   '\f',
                                     '\r',   0x85,   0xa0,   0x1680, 0x2003,
                                     0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    static const int32_t others[] = {'a', 0, 0x1f, 0x200b, 0x180e, 0xfeff};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
        ck_assert_int_ne(utf8_is_space(spaces[i]), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        ck_assert_int_eq(utf8_is_space(others[i]), 0);
}
END_TEST

START_TEST(words_stand_between_white_space)
{
    const char *line = "  one\ttwo\xe3\x80\x80"
                       "drei ";
    utf8_word word;
    size_t at = 0;

    ck_assert_int_eq(utf8_next_word(line, strlen(line), &at, &word), 1);
    ck_assert_uint_eq(word.size, 3);
    ck_assert_int_eq(utf8_next_word(line, strlen(line), &at, &word), 1);
    ck_assert_int_eq(utf8_next_word(line, strlen(line), &at, &word), 1);
    ck_assert_int_eq(strncmp(word.text, "drei", word.size), 0);
    ck_assert_uint_eq(word.size, 4);
    ck_assert_int_eq(utf8_next_word(line, strlen(line), &at, &word), 0);
    at = 0;
    ck_assert_int_eq(utf8_next_word(" \t", 2, &at, &word), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *group = tcase_create("utf8");

    tcase_add_test(group, valid_text_passes);
    tcase_add_test(group, the_first_bad_byte_is_found);
    tcase_add_test(group, code_points_are_walked);
    tcase_add_test(group, white_space_is_that_of_unicode);
    tcase_add_test(group, words_stand_between_white_space);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

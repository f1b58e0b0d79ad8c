/* test_utf8.c */
#include "lockstep/base/utf8.h"

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

START_TEST(what_is_not_utf8_has_no_step)
{
    int32_t code_point;

    ck_assert_int_eq(utf8_step("\xe2\x82", 2, &code_point), 0);
    ck_assert_int_eq(utf8_step("\xc3\xb1", 1, &code_point), 0); /* size ends it */
    ck_assert_int_eq(utf8_step("\xc1\xbf", 2, &code_point), 0);
    ck_assert_int_eq(utf8_step("\xf8\x88\x80\x80", 4, &code_point), 0);
}
END_TEST

/* The bytes of a code point, by the table of RFC 3629. */
static int write_code_point(int32_t c, char out[UTF8_MAX])
{
    int size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (int i = size - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(size == 1 ? c : (0xf00 >> size & 0xff) | c);
    return size;
}

START_TEST(every_code_point_is_read)
{
    char text[UTF8_MAX];
    int32_t found = -1;

    for (int32_t c = 0; c <= 0x10ffff; c++) {
        int size = write_code_point(c, text);
        int expected = c >= 0xd800 && c <= 0xdfff ? 0 : size;

        ck_assert_int_eq(utf8_step(text, (size_t)size, &found), expected);
        if (expected != 0)
            ck_assert_int_eq(found, c);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *group = tcase_create("utf8");

    tcase_add_test(group, valid_text_passes);
    tcase_add_test(group, the_first_bad_byte_is_found);
    tcase_add_test(group, code_points_are_walked);
    tcase_add_test(group, what_is_not_utf8_has_no_step);
    tcase_add_test(group, every_code_point_is_read);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

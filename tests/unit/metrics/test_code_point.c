/* test_code_point.c - text of any bytes, and Python's white space. */
#include "code_point.h"

#include "unit_check.h"

static void expect(const char *text, const int32_t *expected, int count)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(code_point_next(&text), expected[i]);
    ck_assert_int_eq(code_point_next(&text), 0);
    ck_assert_int_eq(code_point_next(&text), 0); /* and stays there */
}

START_TEST(characters_are_code_points)
{
    expect("a\u00e9\u20ac\U0001f600", (int32_t[]){'a', 0xe9, 0x20ac, 0x1f600}, 4);
}
END_TEST

START_TEST(other_bytes_stand_alone)
{
    expect("\xff\xe2\x82", (int32_t[]){0xff, 0xe2, 0x82}, 3);
    expect("\xc0\x80z", (int32_t[]){0xc0, 0x80, 'z'}, 3);     /* overlong */
    expect("\xed\xa0\x80", (int32_t[]){0xed, 0xa0, 0x80}, 3); /* surrogate */
    expect("\xf0\x9f\x98", (int32_t[]){0xf0, 0x9f, 0x98}, 3); /* cut short */
}
END_TEST

START_TEST(white_space_is_that_of_python)
{
    static const int32_t spaces[] = {' ', '\t', '\r', 0x1c, 0x1f, 0x85, 0xa0, 0x2003, 0x3000};
    static const int32_t others[] = {'a', 0, 0x1b, 0x200b, 0x180e, 0xfeff};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
        ck_assert(code_point_is_space(spaces[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        ck_assert(!code_point_is_space(others[i]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/code_point");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, characters_are_code_points);
    tcase_add_test(tests, other_bytes_stand_alone);
    tcase_add_test(tests, white_space_is_that_of_python);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

/* test_part.c - a line taken apart. */
#include "lockstep/text/part.h"

#include <string.h>

#include "unit_check.h"

static void expect(part_next *next, const char *line, const char *const *parts)
{
    part found;
    size_t at = 0;

    for (; *parts != NULL; parts++) {
        ck_assert(next(line, strlen(line), &at, &found));
        ck_assert_uint_eq(found.size, strlen(*parts));
        ck_assert_mem_eq(found.text, *parts, found.size);
    }
    ck_assert(!next(line, strlen(line), &at, &found));
}

START_TEST(words_stand_between_white_space)
{
    expect(part_next_word,
           "  one\ttwo\xe3\x80\x80"
           "drei ",
           (const char *[]){"one", "two", "drei", NULL});
    expect(part_next_word, " \t", (const char *[]){NULL});
    expect(part_next_word, "", (const char *[]){NULL});
}
END_TEST

START_TEST(characters_are_code_points)
{
    expect(part_next_character, "a \xc3\xb1\xf0\x9f\x98\x80",
           (const char *[]){"a", " ", "\xc3\xb1", "\xf0\x9f\x98\x80", NULL});
    expect(part_next_character, "", (const char *[]){NULL});
}
END_TEST

START_TEST(white_space_is_that_of_unicode)
{
    static const char *const spaces[] = {" ",      "\t",       "\n",     "\v",     "\f",
                                         "\r",     "\xc2\x85", "\u00a0", "\u1680", "\u2003",
                                         "\u2028", "\u2029",   "\u202f", "\u205f", "\u3000"};
    static const char *const others[] = {"a", "\x1f", "\u200b", "\u180e", "\ufeff"};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(*spaces); i++)
        expect(part_next_word, spaces[i], (const char *[]){NULL});
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        expect(part_next_word, others[i], (const char *[]){others[i], NULL});
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("part");
    TCase *group = tcase_create("part");

    tcase_add_test(group, words_stand_between_white_space);
    tcase_add_test(group, characters_are_code_points);
    tcase_add_test(group, white_space_is_that_of_unicode);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

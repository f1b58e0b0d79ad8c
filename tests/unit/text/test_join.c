/* test_join.c */
#include "lockstep/text/join.h"

#include <string.h>

#include "unit_check.h"

static void check_join(const char *line, const char *mark, const char *expected)
{
    buffer out = {0};

    ck_assert_int_eq(text_join(line, strlen(line), mark, &out), STATUS_OK);
    ck_assert_str_eq(out.data == NULL ? "" : out.data, expected);
    buffer_free(&out);
}

START_TEST(marked_words_are_joined)
{
    check_join("anst@@ arr@@ t .", "@@", "anstarrt .");
    check_join("a b c", "@@", "a b c");
    check_join("", "@@", "");
}
END_TEST

START_TEST(only_a_mark_that_ends_a_word_counts)
{
    check_join("a@@b c", "@@", "a@@b c");
    check_join("@@a b", "@@", "@@a b");
    check_join("a@@@ b", "@@", "a@b");
}
END_TEST

START_TEST(a_mark_at_the_end_goes)
{
    check_join("a b@@", "@@", "a b");
    check_join("a b@@ ", "@@", "a b");
}
END_TEST

START_TEST(no_mark_changes_nothing)
{
    check_join("a@@ b", "", "a@@ b");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("join");
    TCase *group = tcase_create("join");

    tcase_add_test(group, marked_words_are_joined);
    tcase_add_test(group, only_a_mark_that_ends_a_word_counts);
    tcase_add_test(group, a_mark_at_the_end_goes);
    tcase_add_test(group, no_mark_changes_nothing);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}

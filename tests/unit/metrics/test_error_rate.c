/* test_error_rate.c - rates worked out by hand. */
#include "error_rate.h"

#include "unit_check.h"

static void add_words(double *counts, const char *output, const char *first, const char *second)
{
    const char *references[] = {first, second};

    ck_assert_int_eq(error_rate_add_words(counts, output, references, second == NULL ? 1 : 2),
                     STATUS_OK);
}

START_TEST(counts_words)
{
    double counts[ERROR_RATE_COUNTS] = {0};

    add_words(counts, "AH B EY", "AH B AE T", NULL); /* one changed, one gone */
    ck_assert_double_eq(counts[0], 2);
    ck_assert_double_eq(counts[1], 4);
    add_words(counts, " K  AE\tT ", "K AE T", NULL);
    ck_assert_double_eq(counts[0], 2);
    ck_assert_double_eq(counts[1], 7);
    ck_assert_double_eq_tol(error_rate_score(counts), 200.0 / 7, 1e-12);
}
END_TEST

START_TEST(takes_the_nearest_reference)
{
    double counts[ERROR_RATE_COUNTS] = {0};

    add_words(counts, "a b c", "x y", "a b c d");
    ck_assert_double_eq(counts[0], 1);
    ck_assert_double_eq(counts[1], 4);
    add_words(counts, "a b", "a", "a b c"); /* as near: the first */
    ck_assert_double_eq(counts[0], 2);
    ck_assert_double_eq(counts[1], 5);
}
END_TEST

START_TEST(counts_characters)
{
    double counts[ERROR_RATE_COUNTS] = {0};
    const char *reference = "  na\u00efve  caf\u00e9 ";

    ck_assert_int_eq(error_rate_add_characters(counts, "naive caf\u00e9", &reference, 1),
                     STATUS_OK);
    ck_assert_double_eq(counts[0], 1);
    ck_assert_double_eq(counts[1], 10);
    ck_assert_double_eq_tol(error_rate_score(counts), 10.0, 1e-12);
}
END_TEST

START_TEST(bears_empty_texts)
{
    double counts[ERROR_RATE_COUNTS] = {0};

    ck_assert_double_eq(error_rate_score(counts), 0.0);
    add_words(counts, "", "", NULL);
    ck_assert_double_eq(error_rate_score(counts), 0.0);
    add_words(counts, "a b", "", NULL);
    ck_assert_double_eq(error_rate_score(counts), 200.0);
    add_words(counts, "", "a b", NULL);
    ck_assert_double_eq(error_rate_score(counts), 200.0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics/error_rate");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, counts_words);
    tcase_add_test(tests, takes_the_nearest_reference);
    tcase_add_test(tests, counts_characters);
    tcase_add_test(tests, bears_empty_texts);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

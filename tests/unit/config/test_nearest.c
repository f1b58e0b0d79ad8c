/* test_nearest.c - edit distance and the best candidate. */
#include <stddef.h>
#include <string.h>

#include "lockstep/config/nearest.h"
#include "unit_check.h"

START_TEST(distance_counts_edits)
{
    ck_assert_int_eq(nearest_distance("width", "width"), 0);
    ck_assert_int_eq(nearest_distance("widht", "width"), 1);
    ck_assert_int_eq(nearest_distance("with", "width"), 1);
    ck_assert_int_eq(nearest_distance("", "abc"), 3);
    ck_assert_int_eq(nearest_distance("abc", ""), 3);
    ck_assert_int_eq(nearest_distance("kitten", "sitting"), 3);
}
END_TEST

START_TEST(long_words_are_near_to_nothing)
{
    char word[300];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = 0;
    ck_assert_int_eq(nearest_distance(word, word), NEAREST_LENGTH_MAX);
    nearest near;
    nearest_init(&near, word);
    nearest_add(&near, word);
    ck_assert_ptr_null(near.best);
}
END_TEST

START_TEST(best_is_the_closest_candidate)
{
    nearest near;
    nearest_init(&near, "trian");
    nearest_add(&near, "predict");
    ck_assert_ptr_null(near.best);
    nearest_add(&near, "train");
    nearest_add(&near, "score");
    ck_assert_str_eq(near.best, "train");
    ck_assert_int_eq(near.distance, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nearest");
    TCase *tests = tcase_create("nearest");
    tcase_add_test(tests, distance_counts_edits);
    tcase_add_test(tests, long_words_are_near_to_nothing);
    tcase_add_test(tests, best_is_the_closest_candidate);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}

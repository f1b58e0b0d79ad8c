/* test_references.c */
#include "references.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "unit_check.h"

static bool add(references *r, const char *source, const char *target)
{
    bool is_new;

    ck_assert_int_eq(references_add(r, source, strlen(source), target, strlen(target), &is_new),
                     STATUS_OK);
    return is_new;
}

/* The references of an item, with a bar after each. */
static void check_item(const references *r, int64_t item, const char *expected)
{
    buffer list = {0}, joined = {0};
    const char *const *texts;
    int count;

    ck_assert_int_eq(references_of(r, item, &list, &texts, &count), STATUS_OK);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(buffer_add_text(&joined, "%s|", texts[i]), STATUS_OK);
    ck_assert_str_eq(joined.data, expected);
    buffer_free(&list);
    buffer_free(&joined);
}

START_TEST(equal_sources_are_one_item)
{
    references *r;

    ck_assert_int_eq(references_create(&r, ""), STATUS_OK);
    ck_assert(add(r, "tomato", "T AH M EY"));
    ck_assert(add(r, "pear", "P EH R"));
    ck_assert(!add(r, "tomato", "T AH M AA"));
    ck_assert(add(r, "", "nothing"));
    ck_assert(add(r, "tomat", "T"));
    ck_assert(!add(r, "tomato", "T AH M AA"));
    ck_assert_int_eq(references_count(r), 4);
    check_item(r, 0, "T AH M EY|T AH M AA|T AH M AA|");
    check_item(r, 1, "P EH R|");
    check_item(r, 2, "nothing|");
    check_item(r, 3, "T|");
    references_destroy(r);
}
END_TEST

START_TEST(an_item_knows_its_pairs)
{
    references *r;

    ck_assert_int_eq(references_create(&r, ""), STATUS_OK);
    ck_assert(add(r, "tomato", "one"));
    ck_assert(add(r, "pear", "two"));
    ck_assert(!add(r, "tomato", "three"));
    ck_assert(!add(r, "tomato", "one"));
    ck_assert_int_eq(references_first(r, 0), 0);
    ck_assert_int_eq(references_next(r, 0), 2);
    ck_assert_int_eq(references_next(r, 2), 3);
    ck_assert_int_eq(references_next(r, 3), -1);
    ck_assert_int_eq(references_first(r, 1), 1);
    ck_assert_int_eq(references_next(r, 1), -1);
    references_destroy(r);
}
END_TEST

START_TEST(the_continuation_mark_is_undone_in_targets_alone)
{
    references *r;

    ck_assert_int_eq(references_create(&r, "@@"), STATUS_OK);
    ck_assert(add(r, "a@@ b", "anst@@ arr@@ t ."));
    ck_assert(add(r, "ab", ""));
    ck_assert_int_eq(references_count(r), 2);
    check_item(r, 0, "anstarrt .|");
    check_item(r, 1, "|");
    references_destroy(r);
}
END_TEST

START_TEST(many_items_keep_their_texts)
{
    references *r;
    char source[16], target[16], expected[40];

    ck_assert_int_eq(references_create(&r, ""), STATUS_OK);
    for (int i = 0; i < 3000; i++) {
        snprintf(source, sizeof(source), "s%d", i % 1000);
        snprintf(target, sizeof(target), "t%d", i);
        ck_assert(add(r, source, target) == (i < 1000));
    }
    ck_assert_int_eq(references_count(r), 1000);
    for (int i = 0; i < 1000; i += 37) {
        snprintf(expected, sizeof(expected), "t%d|t%d|t%d|", i, i + 1000, i + 2000);
        check_item(r, i, expected);
    }
    references_destroy(r);
}
END_TEST

START_TEST(lack_of_memory_is_reported)
{
    for (size_t n = 1; n <= 4; n++) {
        references *r;
        bool is_new;

        memory_fail_after(n);
        status result = references_create(&r, "");
        if (result == STATUS_OK)
            result = references_add(r, "a", 1, "b", 1, &is_new);
        memory_fail_after(0);
        ck_assert_int_eq(result, STATUS_NOMEM);
        references_destroy(r);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("references");
    TCase *group = tcase_create("references");

    tcase_add_test(group, equal_sources_are_one_item);
    tcase_add_test(group, an_item_knows_its_pairs);
    tcase_add_test(group, the_continuation_mark_is_undone_in_targets_alone);
    tcase_add_test(group, many_items_keep_their_texts);
    tcase_add_test(group, lack_of_memory_is_reported);
    suite_add_tcase(suite, group);
    return unit_check(suite);
}
